package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/url"
	"os"
)

func main() {
	answer, err := http.PostForm("http://localhost:8080/api/v1/token", url.Values{
		"grant_type":    {"client_credentials"},
		"client_id":     {os.Getenv("OPP_CLIENT_ID")},
		"client_secret": {os.Getenv("OPP_CLIENT_SECRET")},
	})
	if err != nil {
		log.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		reason, _ := io.ReadAll(answer.Body)
		log.Fatalf("%s: %s", answer.Status, reason)
	}
	var token struct {
		Value string `json:"access_token"`
	}
	if err := json.NewDecoder(answer.Body).Decode(&token); err != nil {
		log.Fatal(err)
	}
	fmt.Println(token.Value)
}
