package shipment

import (
	"hash/crc32"
	"math/big"
	"strings"
)

// RehearseSendingCode answers as the carrier's test environment does, by the number alone: of a parcel whose number ends
// in 0 or 1 nothing is known, one that ends in 2 or 3 may not have a code unless that is not checked, and every other has
// a code that depends on its number. Of a number with the right check digit that is its own, as a real one's is; any other
// shares it with some number.
func RehearseSendingCode(number string, unchecked bool) (SentParcel, error) {
	number = strings.ToUpper(strings.Join(strings.Fields(number), ""))
	if err := rehearse(number, unchecked); err != nil {
		return SentParcel{}, err
	}
	serial := int64(crc32.ChecksumIEEE([]byte(number)) % Serials)
	if contract, ok := contractOf(number); ok && TrackingNumber(contract, serialOf(number)) == number {
		serial = serialOf(number)
	}
	return SentParcel{number, sendingCode(serial)}, nil
}

func rehearse(number string, unchecked bool) error {
	switch {
	case number == "", strings.ContainsRune("01", rune(number[len(number)-1])):
		return errParcelNotFound()
	case strings.ContainsRune("23", rune(number[len(number)-1])) && !unchecked:
		return ErrNoSendingCode
	default:
		return nil
	}
}

// contractOf gives the contract in a number of the form that TrackingNumber gives.
func contractOf(number string) (string, bool) {
	if _, err := ParseTrackingNumber(number); err != nil {
		return "", false
	}
	return number[4:10], true
}

// RehearseSentParcel is the way back: to the number, under a contract, that RehearseSendingCode gives the code to. Of a
// number that is not known there, or may not have a code, it knows no more.
func RehearseSentParcel(code, contract string) (SentParcel, error) {
	code = strings.ToUpper(strings.TrimSpace(code))
	if !sendingCodeForm.MatchString(code) {
		return SentParcel{}, errParcelNotFound()
	}
	serial := serialOfCode(code)
	if serial >= Serials { // there are more codes than serials
		return SentParcel{}, errParcelNotFound()
	}
	number := TrackingNumber(contract, serial)
	if err := rehearse(number, true); err != nil {
		return SentParcel{}, err
	}
	return SentParcel{number, code}, nil
}

// serialOfCode undoes sendingCode.
func serialOfCode(code string) int64 {
	scattered := int64(0)
	for i := len(code) - 1; i >= 0; i-- {
		scattered = scattered*15 + int64(strings.IndexByte(sendingCodeDigits, code[i]))
	}
	all := big.NewInt(sendingCodes)
	back := new(big.Int).ModInverse(big.NewInt(scatterFactor), all)
	back.Mul(back, big.NewInt(scattered-scatterShift))
	return back.Mod(back, all).Int64()
}
