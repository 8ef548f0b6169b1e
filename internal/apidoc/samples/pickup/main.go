package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
)

func main() {
	pickup, err := json.Marshal(map[string]any{
		"date": os.Getenv("PICKUP_DATE"), "earliest": "08:00", "latest": "16:00",
		"trackingNumbers": []string{os.Getenv("TRACKING_NUMBER")},
	})
	if err != nil {
		log.Fatal(err)
	}
	request, err := http.NewRequest(http.MethodPost, "http://localhost:8080/api/v1/pickups", bytes.NewReader(pickup))
	if err != nil {
		log.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+os.Getenv("OPP_API_KEY"))
	request.Header.Set("Content-Type", "application/json")

	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		log.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusCreated {
		reason, _ := io.ReadAll(answer.Body)
		log.Fatalf("%s: %s", answer.Status, reason)
	}

	var ordered struct{ ID, Status string }
	if err := json.NewDecoder(answer.Body).Decode(&ordered); err != nil {
		log.Fatal(err)
	}
	fmt.Println(ordered.ID, ordered.Status)
}
