package geometry

import "strings"

const geohashDigits = "0123456789bcdefghjkmnpqrstuvwxyz"

// MaxGeohash is the longest geohash that MySQL makes.
const MaxGeohash = 100

// Geohash encodes a place in at most length digits; fewer, if they say exactly where it is.
func Geohash(longitude, latitude float64, length int) string {
	west, east, south, north := -180.0, 180.0, -90.0, 90.0
	var b strings.Builder
	even := true
	for b.Len() < length {
		digit := 0
		exact := false
		for range 5 {
			digit <<= 1
			low, high, at := &south, &north, latitude
			if even {
				low, high, at = &west, &east, longitude
			}
			middle := (*low + *high) / 2
			if at < middle {
				*high = middle
			} else {
				*low = middle
				digit |= 1
			}
			exact = (west+east)/2 == longitude && (south+north)/2 == latitude
			even = !even
		}
		b.WriteByte(geohashDigits[digit])
		if exact {
			break
		}
	}
	return b.String()
}

// GeohashBox is the rectangle that a geohash stands for.
func GeohashBox(hash string) (b Box, ok bool) {
	b = Box{-180, -90, 180, 90}
	even := true
	for i := range len(hash) {
		digit := strings.IndexByte(geohashDigits, hash[i]|0x20)
		if hash[i] < 'A' {
			digit = strings.IndexByte(geohashDigits, hash[i])
		}
		if digit < 0 {
			return b, false
		}
		for bit := 16; bit > 0; bit >>= 1 {
			low, high := &b.MinY, &b.MaxY
			if even {
				low, high = &b.MinX, &b.MaxX
			}
			middle := (*low + *high) / 2
			if digit&bit != 0 {
				*low = middle
			} else {
				*high = middle
			}
			even = !even
		}
	}
	return b, len(hash) > 0
}
