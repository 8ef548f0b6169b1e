package api

import (
	"errors"
	"net/http"
	"reflect"
	"runtime"
	"strings"
	"testing"
)

// However a body of a megabyte is made, reading it takes a few megabytes at most.
func TestHostileBodiesTakeLittleMemory(t *testing.T) {
	o := &ownFamily{description: newDescription(""), strict: map[string]bool{}}
	labels := bodyOf(reflect.TypeFor[labelsWanted](), o.description.Components.Schemas)
	fill := func(beginning, piece, end string) string {
		return beginning + strings.Repeat(piece, (maxBody-len(beginning)-len(end))/len(piece)) + end
	}
	for name, text := range map[string]string{
		"numbers for ids":   fill(`{"shipments":[`, `1,`, `1]}`),
		"words for ids":     fill(`{"shipments":[`, `"x",`, `"x"]}`),
		"unknown fields":    fill(`{`, `"xyz":1,`, `"z":1}`),
		"one field often":   fill(`{`, `"shipments":0,`, `"shipments":0}`),
		"objects in arrays": fill(`{"shipments":[`, `{"a":{}},`, `1]}`),
		"a long text":       fill(`{"shipments":["`, `xxxxxxxx`, `"]}`),
		"escapes":           fill(`{"shipments":["`, `\u00e5`, `"]}`),
		"parcels":           fill(`{"shipment":{"parcels":[`, `{},`, `{}]}}`),
		"partners":          fill(`{"shipment":{"senderPartners":[`, `{"id":1},`, `{}]}}`),
		"additional ones":   fill(`{"shipment":{"service":{"addons":[`, `{"id":"COD"},`, `{}]}}}`),
		"no JSON":           fill(``, `[`, ``),
	} {
		t.Run(name, func(t *testing.T) {
			var in labelsWanted
			took := allocated(func() { _ = labels.into([]byte(text), reflect.ValueOf(&in).Elem()) })
			if took > 8<<20 {
				t.Errorf("as labels it takes %d kB", took>>10)
			}
			took = allocated(func() {
				if request, err := readOrder([]byte(text), orderV2); err == nil {
					request.problems()
				}
			})
			if took > 8<<20 {
				t.Errorf("as an order it takes %d kB", took>>10)
			}
		})
	}
}

// allocated gives how many bytes a function allocates.
func allocated(run func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	run()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func TestStrictBodies(t *testing.T) {
	type inner struct {
		Day   string  `json:"day" format:"date"`
		Count int     `json:"count,omitempty" minimum:"1" maximum:"9"`
		Size  float64 `json:"size,omitempty" exclusiveMinimum:"0"`
	}
	type outer struct {
		Name  string   `json:"name" minLength:"1" maxLength:"5"`
		URL   string   `json:"url,omitempty" format:"uri"`
		At    string   `json:"at,omitempty" format:"date-time"`
		Kind  string   `json:"kind,omitempty" enum:"a,b"`
		Code  string   `json:"code,omitempty" pattern:"^[0-9]+$"`
		Sure  bool     `json:"sure,omitempty"`
		Inner inner    `json:"inner,omitzero"`
		List  []string `json:"list,omitempty" maxItems:"2"`
	}
	type wanted struct{ Body outer }
	b := bodyOf(reflect.TypeFor[wanted](), newDescription("").Components.Schemas)
	for text, want := range map[string]string{
		`{"name":"x"}`: "",
		` {"name":"åäöåä","url":"https://x.example/","at":"2026-11-23T14:02:03+02:00","kind":"b","code":"12","sure":true,"inner":{"day":"2026-02-28","count":9,"size":0.5},"list":["x"]} `: "",
		`{}`:                    "REQUIRED name",
		`{"name":""}`:           "REQUIRED name",
		`{"name":null}`:         "INVALID name",
		`{"name":"xxxxxx"}`:     "TOO_LONG name",
		`{"Name":"x"}`:          "UNKNOWN_FIELD Name REQUIRED name",
		`{"name":"x\u0000"}`:    "INVALID name",
		`{"name":"x","name":1}`: "DUPLICATE_FIELD name",
		`{"name":"x","url":"/x","at":"0000-01-01T00:00:00Z","kind":"c","code":"x","sure":"true"}`: "INVALID url INVALID at INVALID kind INVALID code INVALID sure",
		`{"name":"x","inner":{"day":"2026-02-29","count":1.5,"size":0,"more":1}}`:                 "INVALID inner.day INVALID inner.count INVALID inner.size UNKNOWN_FIELD inner.more",
		`{"name":"x","inner":{"day":"0000-00-00","count":10}}`:                                    "INVALID inner.day INVALID inner.count",
		`{"name":"x","inner":{"day":"2026-01-01","count":0,"size":1e999}}`:                        "INVALID inner.count INVALID inner.size",
		`{"name":"x","inner":[],"list":["x",1,"z"]}`:                                              "INVALID inner INVALID list[1] INVALID list",
	} {
		var in wanted
		err := b.into([]byte(text), reflect.ValueOf(&in).Elem())
		got := ""
		if refused, ok := errors.AsType[failure](err); ok && refused.status == http.StatusUnprocessableEntity {
			got = strings.Join(told(refused.problems), " ")
		} else if err != nil {
			got = err.Error()
		}
		if got != want || err == nil && in.Body.Name == "" {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}
