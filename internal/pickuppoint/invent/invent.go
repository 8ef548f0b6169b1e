// Package invent makes up the pickup points of Finland's municipalities. What it makes depends on its input alone, on every
// machine: chance is a hash of names and numbers.
package invent

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"hash/fnv"
	"io"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// head opens the file.
const head = "# Invented pickup points: no shop, street number or place here is real. Made by internal/pickuppoint/cmd/generate.\n" +
	"# code, kind, shop, street in Finnish and in Swedish, city in both, municipality in both, latitude, longitude, hours, spot, features\n"

// municipality is a line of municipalities.txt.
type municipality struct {
	fi, sv    string
	postcode  int
	latitude  float64
	longitude float64
	thousands int // of inhabitants
}

func parseMunicipalities(text []byte) ([]municipality, error) {
	var all []municipality
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		cells := strings.Split(line, "|")
		if len(cells) != 6 {
			return nil, fmt.Errorf("six cells are wanted in %q", line)
		}
		m := municipality{fi: cells[0], sv: cells[1]}
		var errs [4]error
		m.postcode, errs[0] = strconv.Atoi(cells[2])
		m.latitude, errs[1] = strconv.ParseFloat(cells[3], 64)
		m.longitude, errs[2] = strconv.ParseFloat(cells[4], 64)
		m.thousands, errs[3] = strconv.Atoi(cells[5])
		for _, err := range errs {
			if err != nil {
				return nil, fmt.Errorf("%q: %w", line, err)
			}
		}
		if m.fi == "" || len(cells[2]) != 5 || m.thousands < 1 || !utf8.ValidString(line) {
			return nil, fmt.Errorf("a name, five digits and inhabitants are wanted in %q", line)
		}
		all = append(all, m)
	}
	return all, nil
}

// Points invents the points and gives them as points.tsv.gz has them inside, in the order of their codes' making: by
// municipality. municipalities is the text of municipalities.txt.
func Points(municipalities []byte) ([]byte, error) {
	all, err := parseMunicipalities(municipalities)
	if err != nil {
		return nil, err
	}
	taken := map[int]bool{}
	for _, m := range all {
		if taken[m.postcode] {
			return nil, fmt.Errorf("%s begins with the postcode of another", m.fi)
		}
		taken[m.postcode] = true
	}
	var out bytes.Buffer
	out.WriteString(head)
	for _, m := range all {
		postcodes := m.postcodes(taken)
		made := map[string]int{} // by postcode and kind: how many
		for i := range m.points() {
			m.write(&out, postcodes, made, i)
		}
		if m.postcode == 100 { // the point that is closed
			fmt.Fprintf(&out, "001003299\tP\tPuoti Vanha Varis\t%s 99\t%s 99\t%s\t%s\t%s\t%s\t%.5f\t%.5f\t- - -\t0\t0\n",
				streets[0][0], streets[0][1], m.fi, m.sv, m.fi, m.sv, m.latitude, m.longitude)
		}
		if m.postcode == 20100 { // the point that the carrier's own example of an order names: shops send it as they found it
			fmt.Fprintf(&out, "207003200\tP\tPuoti Vanamo\t%s 7\t%s 7\t%s\t%s\t%s\t%s\t%.5f\t%.5f\t0800-2000 0900-1800 1200-1600\t1\t15\n",
				streets[0][0], streets[0][1], m.fi, m.sv, m.fi, m.sv, m.latitude, m.longitude)
		}
	}
	return out.Bytes(), nil
}

// Pack compresses the points.
func Pack(w io.Writer, points []byte) error {
	packer, err := gzip.NewWriterLevel(w, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := packer.Write(points); err != nil {
		return err
	}
	return packer.Close()
}

// points is how many the municipality has: two, and one more for every two thousand inhabitants.
func (m municipality) points() int { return 2 + (m.thousands+1)/2 }

// postcodes gives the municipality's postcodes: its first, and the next free ones in steps of ten, one for every seven
// thousand inhabitants.
func (m municipality) postcodes(taken map[int]bool) []int {
	codes := []int{m.postcode}
	for next := m.postcode + 10; len(codes) < m.thousands/7; next += 10 {
		if !taken[next] {
			taken[next] = true
			codes = append(codes, next)
		}
	}
	return codes
}

// chance gives a number below n that depends on the municipality, a point and what it is for.
func (m municipality) chance(n uint64, point int, purpose string) int {
	hash := fnv.New64a()
	_, _ = fmt.Fprintf(hash, "%s/%d/%s", m.fi, point, purpose)
	sum := hash.Sum64()
	sum ^= sum >> 32 // the low bits of FNV alone are poor
	sum *= 0x9E3779B97F4A7C15
	return int((sum >> 33) % n)
}

// around gives metres between -most and most.
func (m municipality) around(most float64, point int, purpose string) float64 {
	return (float64(m.chance(2001, point, purpose))/1000 - 1) * most
}

// write writes the point i of the municipality.
func (m municipality) write(out *bytes.Buffer, postcodes []int, made map[string]int, i int) {
	area := 0 // which postcode: the first has the post office and a locker
	if i > 1 {
		area = (i - 2 + 1) % len(postcodes)
	}
	postcode := postcodes[area]
	kind, first := "P", 3200
	switch {
	case i == 0:
	case i == 1 || m.chance(10, i, "kind") < 4:
		kind, first = "I", 3230
	case m.chance(10, i, "outdoors") < 4:
		kind, first = "O", 3230
	}
	range30 := fmt.Sprint(postcode, "/", first)
	code := fmt.Sprintf("%05d%d", postcode, first+made[range30])
	made[range30]++

	// Postcodes lie on a spiral around the middle, points near the middle of their postcode.
	turn, away := float64(area)*2.399963, 1100*math.Sqrt(float64(area))
	north := away*math.Cos(turn) + m.around(550, i, "north")
	east := away*math.Sin(turn) + m.around(550, i, "east")
	latitude := m.latitude + north/111195
	longitude := m.longitude + east/(111195*math.Cos(m.latitude*math.Pi/180))

	shop := shops[m.chance(uint64(len(shops)), i, "shop")] + " " + names[m.chance(uint64(len(names)), i, "name")]
	street := streets[m.chance(uint64(len(streets)), i, "street")]
	number := 1 + m.chance(60, i, "number")
	streetSV := ""
	if m.sv != "" {
		streetSV = fmt.Sprint(street[1], " ", number)
	}
	hours := shopHours[m.chance(uint64(len(shopHours)), i, "hours")]
	spot, features := 1+m.chance(3, i, "spot"), 0
	if kind == "O" {
		hours, spot = "0000-2400 0000-2400 0000-2400", 4+m.chance(2, i, "spot")
	}
	for bit, odds := range []int{80, 60, 35, 90} { // wheelchair, limited quantities, Saturday delivery, drop-off
		if i == 0 || m.chance(100, i, fmt.Sprint("feature", bit)) < odds {
			features |= 1 << bit
		}
	}
	fmt.Fprintf(out, "%s\t%s\t%s\t%s %d\t%s\t%s\t%s\t%s\t%s\t%.5f\t%.5f\t%s\t%d\t%d\n", code, kind, shop, street[0], number, streetSV,
		m.fi, m.sv, m.fi, m.sv, latitude, longitude, hours, spot, features)
}
