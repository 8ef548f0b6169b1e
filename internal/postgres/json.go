package postgres

import (
	stdjson "encoding/json"

	"github.com/go-json-experiment/json"
	jsonv1 "github.com/go-json-experiment/json/v1"
	"github.com/jackc/pgx/v5/pgtype"
)

// registerJSON lets a connection read documents by the JSON package of the next Go, with the rules of today's: it takes a
// third of the time, and a list is made of documents. That they are well-formed the server has seen to.
func registerJSON(m *pgtype.Map) {
	rules := json.JoinOptions(jsonv1.DefaultOptionsV1(), jsonv1.ReportErrorsWithLegacySemantics(false))
	read := func(text []byte, into any) error { return json.Unmarshal(text, into, rules) }
	m.RegisterType(&pgtype.Type{Name: "jsonb", OID: pgtype.JSONBOID, Codec: &pgtype.JSONBCodec{Marshal: stdjson.Marshal, Unmarshal: read}})
}
