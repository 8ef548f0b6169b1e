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
	order, err := os.Open("order.json")
	if err != nil {
		log.Fatal(err)
	}
	request, err := http.NewRequest(http.MethodPost, "http://localhost:8080/shippingapi/api/v1/shipping/order", order)
	if err != nil {
		log.Fatal(err)
	}
	request.Header.Set("Authorization", os.Getenv("OPP_API_KEY"))
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

	var orders []struct {
		ID      string
		Parcels []struct{ ParcelNo string }
	}
	if err := json.NewDecoder(answer.Body).Decode(&orders); err != nil {
		log.Fatal(err)
	}
	fmt.Println(orders[0].ID, orders[0].Parcels[0].ParcelNo)
}
