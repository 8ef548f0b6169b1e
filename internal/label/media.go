package label

// Media is what a label is printed on, by the name that the API has for it.
type Media string

// The media of the API. Those that are not drawn yet come out as LaserA5.
const (
	LaserA5   Media = "laser-a5" // a sheet of A5
	Laser2A5  Media = "laser-2a5"
	LaserA4   Media = "laser-a4"
	LaserSTE  Media = "laser-ste"
	ThermoSE  Media = "thermo-se"
	Thermo225 Media = "thermo-225" // 107 × 225 mm from a roll
)

// ParseMedia gives the media that a label asked for by this name is drawn on, and whether that is the media asked for:
// every name but those of LaserA5 and Thermo225 gives LaserA5 and false.
func ParseMedia(name string) (m Media, supported bool) {
	if m = Media(name); m == LaserA5 || m == Thermo225 {
		return m, true
	}
	return LaserA5, false
}

// sheet is the shape of a media. Lengths are in millimetres.
type sheet struct {
	width, height float64
	margin        float64 // left white on every side, since no printer reaches the edge
	scale         float64 // of type and space, 1 being the thermal label's
	module        float64 // width of the bar code's narrowest bar
	barHeight     float64 // of the bar code, at least
}

// sheet gives the shape of the media that m is drawn on. The thermal bar code's module is three dots of a print head of
// 203 dpi, so that every bar begins and ends on a dot.
func (m Media) sheet() sheet {
	if m == Thermo225 {
		return sheet{width: 107, height: 225, margin: 4, scale: 1, module: 0.375, barHeight: 28}
	}
	return sheet{width: 148, height: 210, margin: 8, scale: 1.15, module: 0.5, barHeight: 28}
}
