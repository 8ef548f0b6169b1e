package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"strings"
)

func main() {
	search := `{"searchCriteria": {"location": {"postcode": "00100", "countryCode": "FI"}}, "limit": 5}`
	request, err := http.NewRequest(http.MethodPost, "http://localhost:8080/2026-04/pickuppoints", strings.NewReader(search))
	if err != nil {
		log.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+os.Getenv("OPP_TOKEN"))
	request.Header.Set("Accept-Language", "sv")
	request.Header.Set("Content-Type", "application/json")

	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		log.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		reason, _ := io.ReadAll(answer.Body)
		log.Fatalf("%s: %s", answer.Status, reason)
	}

	var found struct {
		PickupPoints []struct {
			PupCode, PublicName string
			DistanceInMeters    int
		}
	}
	if err := json.NewDecoder(answer.Body).Decode(&found); err != nil {
		log.Fatal(err)
	}
	for _, point := range found.PickupPoints {
		fmt.Println(point.PupCode, point.PublicName, point.DistanceInMeters)
	}
}
