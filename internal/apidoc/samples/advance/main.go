package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
)

func main() {
	request, err := http.NewRequest(http.MethodPost, "http://localhost:8080/api/v1/sandbox/shipments/"+os.Getenv("SHIPMENT_ID")+"/advance", nil)
	if err != nil {
		log.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+os.Getenv("OPP_API_KEY"))

	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		log.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		reason, _ := io.ReadAll(answer.Body)
		log.Fatalf("%s: %s", answer.Status, reason)
	}

	var moved struct{ TrackingNumber, Status string }
	if err := json.NewDecoder(answer.Body).Decode(&moved); err != nil {
		log.Fatal(err)
	}
	fmt.Println(moved.TrackingNumber, moved.Status)
}
