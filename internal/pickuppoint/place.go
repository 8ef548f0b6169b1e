package pickuppoint

import "math"

// Place is a point on the earth, in degrees.
type Place struct{ Latitude, Longitude float64 }

const (
	earthRadius  = 6_371_000.0 // metres
	metersDegree = earthRadius * math.Pi / 180
)

// Distance gives the metres between two places, on a sphere (haversine).
func (p Place) Distance(other Place) float64 {
	lat1, lat2 := p.Latitude*math.Pi/180, other.Latitude*math.Pi/180
	sinLat, sinLon := math.Sin((lat2-lat1)/2), math.Sin((other.Longitude-p.Longitude)*math.Pi/360)
	h := sinLat*sinLat + math.Cos(lat1)*math.Cos(lat2)*sinLon*sinLon
	return 2 * earthRadius * math.Asin(math.Sqrt(min(1, h)))
}

// Moved gives the place so many metres to the north and to the east.
func (p Place) Moved(north, east float64) Place {
	return Place{p.Latitude + north/metersDegree, p.Longitude + east/(metersDegree*math.Cos(p.Latitude*math.Pi/180))}
}

// Rectangle is what lies between two parallels and two meridians.
type Rectangle struct{ SouthWest, NorthEast Place }

// Contains says whether a place lies in the rectangle, or on its edge.
func (r Rectangle) Contains(p Place) bool {
	return r.SouthWest.Latitude <= p.Latitude && p.Latitude <= r.NorthEast.Latitude &&
		r.SouthWest.Longitude <= p.Longitude && p.Longitude <= r.NorthEast.Longitude
}

// Middle gives the middle of the rectangle.
func (r Rectangle) Middle() Place {
	return Place{(r.SouthWest.Latitude + r.NorthEast.Latitude) / 2, (r.SouthWest.Longitude + r.NorthEast.Longitude) / 2}
}
