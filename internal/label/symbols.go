package label

// symbol is a pictogram, drawn in lines and areas on a grid of 24.
type symbol struct{ lines, areas [][]point }

const (
	symbolGrid = 24.0
	symbolLine = 2.0 // width of a symbol's lines on its grid
)

// The pictograms.
var (
	symbolParcel = symbol{lines: [][]point{
		{{12, 2}, {20.7, 7}, {20.7, 17}, {12, 22}, {3.3, 17}, {3.3, 7}, {12, 2}},
		{{3.3, 7}, {12, 12}, {20.7, 7}}, {{12, 12}, {12, 22}}, {{7.6, 4.5}, {16.3, 9.5}},
	}}
	symbolHome = symbol{lines: [][]point{
		{{2, 11.5}, {12, 3}, {22, 11.5}}, {{4.5, 9.4}, {4.5, 21}, {19.5, 21}, {19.5, 9.4}}, {{9, 21}, {9, 13.5}, {15, 13.5}, {15, 21}},
	}}
	symbolExpress = symbol{lines: [][]point{
		{{13, 2}, {4, 14}, {11.2, 14}, {10.5, 22}, {20, 9.5}, {12.6, 9.5}, {13, 2}},
	}}
	symbolPickup = symbol{lines: [][]point{
		joined(arc(12, 10, 8, 150, 390), []point{{12, 22.5}, {5.07, 14}}), arc(12, 10, 3, 0, 360),
	}}
	symbolSlot = symbol{lines: [][]point{
		{{2, 5}, {22, 5}, {22, 19}, {2, 19}, {2, 5}, {22, 5}}, {{2.5, 6.5}, {12, 13.5}, {21.5, 6.5}},
	}}
	symbolReturn = symbol{lines: [][]point{
		{{9, 14}, {4, 9}, {9, 4}}, joined([]point{{4.5, 9}}, arc(14.5, 14.5, 5.5, -90, 90), []point{{10, 20}}),
	}}
	symbolFreight = symbol{lines: [][]point{
		{{4.5, 18}, {2, 18}, {2, 5}, {14, 5}, {14, 18}, {9.5, 18}}, {{14, 9}, {18.5, 9}, {22, 13}, {22, 18}, {20, 18}}, {{15, 18}, {14, 18}},
		arc(7, 18, 2.5, 0, 360), arc(17.5, 18, 2.5, 0, 360),
	}}
	symbolAbroad = symbol{lines: [][]point{
		arc(12, 12, 10, 0, 360), {{2, 12}, {22, 12}},
		joined(arc(24, 12, 15.6, 220, 140)), joined(arc(0, 12, 15.6, -40, 40)),
	}}
	symbolFood = symbol{lines: [][]point{
		{{2, 10}, {22, 10}, {19.5, 21}, {4.5, 21}, {2, 10}, {22, 10}}, {{5.5, 10}, {10, 3}}, {{18.5, 10}, {14, 3}}, {{9, 13.5}, {9, 17.5}}, {{15, 13.5}, {15, 17.5}},
	}}
	symbolFragile = symbol{lines: [][]point{
		{{7, 2}, {17, 2}, {18, 8.5}, {16.5, 12.5}, {12, 14.5}, {7.5, 12.5}, {6, 8.5}, {7, 2}, {17, 2}},
		{{12, 14.5}, {12, 22}}, {{7, 22}, {17, 22}}, {{13.5, 2}, {11, 5.5}, {13.5, 7.5}, {11.5, 10.5}},
	}}
	symbolMoney = symbol{lines: [][]point{
		arc(12, 12, 10, 0, 360), arc(13.5, 12, 5, 310, 50), {{6.5, 10.5}, {13, 10.5}}, {{6.5, 13.5}, {13, 13.5}},
	}}
	symbolPerson = symbol{lines: [][]point{
		arc(12, 7.5, 4.5, 0, 360), joined([]point{{4, 22}}, arc(12, 22, 8, 180, 360), []point{{20, 22}}),
	}}
	symbolLarge = symbol{lines: [][]point{
		{{14, 3}, {21, 3}, {21, 10}}, {{10, 21}, {3, 21}, {3, 14}}, {{20.5, 3.5}, {14, 10}}, {{3.5, 20.5}, {10, 14}},
	}}
	symbolDanger = symbol{lines: [][]point{
		{{12, 2}, {22, 12}, {12, 22}, {2, 12}, {12, 2}, {22, 12}}, {{12, 7}, {12, 13}}, {{12, 15}, {12, 17}},
	}}
	symbolLimited = symbol{
		lines: [][]point{{{12, 2}, {22, 12}, {12, 22}, {2, 12}, {12, 2}, {22, 12}}},
		areas: [][]point{{{12, 2}, {17.5, 7.5}, {6.5, 7.5}}, {{12, 22}, {6.5, 16.5}, {17.5, 16.5}}},
	}
	symbolCold = symbol{lines: [][]point{
		{{12, 2}, {12, 22}}, {{3.3, 7}, {20.7, 17}}, {{3.3, 17}, {20.7, 7}},
		{{9, 3.5}, {12, 6.5}, {15, 3.5}}, {{9, 20.5}, {12, 17.5}, {15, 20.5}},
	}}
)

// serviceSymbols holds the services whose symbol is not the parcel.
var serviceSymbols = map[string]symbol{
	"PO2103": symbolPickup, "PO2351": symbolPickup,
	"PO2104": symbolHome, "PO2352": symbolHome, "PO2354": symbolHome,
	"PO2102": symbolExpress, "IT14I": symbolExpress,
	"PO2461": symbolSlot, "PO5001": symbolSlot, "PO5002": symbolSlot, "PO5003": symbolSlot, "PO5004": symbolSlot,
	"PO5006": symbolSlot, "PO5007": symbolSlot,
	"PO2108": symbolReturn, "PO2338": symbolReturn, "PO2358": symbolReturn, "PO2359": symbolReturn, "PO2718": symbolReturn,
	"PO2144": symbolFreight, "ITKY14I": symbolFreight,
	"PO2331": symbolAbroad, "PO2711": symbolAbroad, "ITPR": symbolAbroad, "PO2017": symbolAbroad,
	"PO2114": symbolFood, "PO2115": symbolFood,
}

// addOnSymbols holds the additional services that whoever carries the parcel must see from afar.
var addOnSymbols = map[string]symbol{
	"FRAG": symbolFragile, "COD": symbolMoney, "PERS": symbolPerson, "SPTR": symbolLarge,
	"DNG": symbolDanger, "FDNGPP": symbolLimited, "COLD": symbolCold, "FRZ": symbolCold,
}

// handlingMarks are the additional services whose symbol stands large beside the sender, in the order of their weight.
var handlingMarks = []string{"DNG", "FDNGPP", "FRAG", "COLD", "FRZ"}

// draw is the symbol as a square block.
func (s symbol) draw(size float64, colour ink) block {
	scale := size / symbolGrid
	b := block{width: size, height: size}
	scaled := func(on []point) []point {
		corners := make([]point, len(on))
		for i, p := range on {
			corners[i] = point{p.x * scale, p.y * scale}
		}
		return corners
	}
	for _, a := range s.areas {
		b.shapes = append(b.shapes, shape{corners: scaled(a), ink: colour})
	}
	for _, l := range s.lines {
		b.shapes = append(b.shapes, shape{corners: scaled(l), stroke: symbolLine * scale, open: true, ink: colour})
	}
	return b
}

func joined(lines ...[]point) []point {
	var all []point
	for _, l := range lines {
		all = append(all, l...)
	}
	return all
}
