// Command generate invents the pickup points: it reads municipalities.txt and writes points.tsv.gz, always the same.
//
//	go generate ./internal/pickuppoint
package main

import (
	"bytes"
	"fmt"
	"os"

	"omapostipro/internal/pickuppoint/invent"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

// run works in the folder of the package, as go generate does.
func run() error {
	municipalities, err := os.ReadFile("municipalities.txt")
	if err != nil {
		return err
	}
	points, err := invent.Points(municipalities)
	if err != nil {
		return err
	}
	var packed bytes.Buffer
	if err := invent.Pack(&packed, points); err != nil {
		return err
	}
	return os.WriteFile("points.tsv.gz", packed.Bytes(), 0o644) //nolint:gosec // everybody may read it, as all of the repository
}
