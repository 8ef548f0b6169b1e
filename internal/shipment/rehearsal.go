package shipment

import (
	"hash/crc32"
	"strings"
)

// RehearseSendingCode answers as the carrier's test environment does, by the number alone: of a parcel whose number ends
// in 0 or 1 nothing is known, one that ends in 2 or 3 may not have a code unless that is not checked, and every other has
// a code that depends on its number.
func RehearseSendingCode(number string, unchecked bool) (SentParcel, error) {
	number = strings.ToUpper(strings.Join(strings.Fields(number), ""))
	if number == "" {
		return SentParcel{}, errParcelNotFound()
	}
	switch number[len(number)-1] {
	case '0', '1':
		return SentParcel{}, errParcelNotFound()
	case '2', '3':
		if !unchecked {
			return SentParcel{}, ErrNoSendingCode
		}
	}
	return SentParcel{number, sendingCode(int64(crc32.ChecksumIEEE([]byte(number)) % Serials))}, nil
}

// RehearseSentParcel is the way back, as far as there is one: a code that ends in 0 or 1 is nobody's, and every other has
// a parcel whose number depends on it.
func RehearseSentParcel(code string) (SentParcel, error) {
	code = strings.ToUpper(strings.TrimSpace(code))
	if !sendingCodeForm.MatchString(code) || strings.ContainsRune("01", rune(code[len(code)-1])) {
		return SentParcel{}, errParcelNotFound()
	}
	return SentParcel{TrackingNumber("654321", int64(crc32.ChecksumIEEE([]byte(code))%Serials)), code}, nil
}
