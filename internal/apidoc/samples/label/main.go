package main

import (
	"io"
	"log"
	"net/http"
	"os"
)

func main() {
	label := "http://localhost:8080/api/v1/shipments/" + os.Getenv("SHIPMENT_ID") + "/label?format=pdf&media=thermo-225"
	request, err := http.NewRequest(http.MethodGet, label, nil)
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
		log.Fatal(answer.Status)
	}

	pdf, err := io.ReadAll(answer.Body)
	if err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile("label.pdf", pdf, 0o644); err != nil {
		log.Fatal(err)
	}
}
