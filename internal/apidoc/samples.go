package apidoc

import (
	"embed"
	"io/fs"
	"strings"
)

// samples holds a folder a task, with a file a language. They are whole programs, which the tests run as they are shown.
//
//go:embed samples
var samples embed.FS

// sampleAddress stands in the samples for the portal's.
const sampleAddress = "http://localhost:8080"

// Language is one that samples are written in.
type Language struct {
	ID   string
	Name string
	File string // that a task's sample is
}

// Languages gives the languages, in the order in which they are shown.
func Languages() []Language {
	return []Language{
		{"curl", "curl", "sample.sh"},
		{"go", "Go", "main.go"},
		{"python", "Python", "sample.py"},
		{"php", "PHP", "sample.php"},
		{"javascript", "JavaScript", "sample.mjs"},
	}
}

// Task is something that the samples show.
type Task string

// The tasks, in the order in which somebody comes to them.
const (
	OrderWithKey   Task = "order-key"
	GetToken       Task = "token"
	OrderWithToken Task = "order-token"
	FetchLabel     Task = "label"
	Track          Task = "track"
	PickupPoints   Task = "pickup-points"
	OwnFamily      Task = "own"
	OrderPickup    Task = "pickup"
	Advance        Task = "advance" // where shipments can be moved by hand
)

// Tasks gives all of them.
func Tasks() []Task {
	return []Task{OrderWithKey, GetToken, OrderWithToken, FetchLabel, Track, PickupPoints, OwnFamily, OrderPickup, Advance}
}

// OrderFile is what the samples call the file with the order that they send.
const OrderFile = "order.json"

// Order gives that file.
func Order() string { return read(OrderFile) }

// Sample gives the sample of a task in a language, for the portal at an address.
func Sample(task Task, language Language, address string) string {
	return strings.ReplaceAll(read(string(task)+"/"+language.File), sampleAddress, address)
}

func read(name string) string {
	text, err := fs.ReadFile(samples, "samples/"+name)
	if err != nil {
		panic(err) // it is built in
	}
	return string(text)
}
