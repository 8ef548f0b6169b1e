package label

import (
	"fmt"
	"slices"
	"syscall"
	"testing"
	"time"
)

// BenchmarkLabels draws labels of several kinds on every media, in every way of writing them down, and reports for each media
// what a page of the dearest of them takes: milliseconds of processor time in the middle of some, and bytes. A label is a
// page, and a customs declaration another. To reach: 10 ms and 40 kB.
func BenchmarkLabels(b *testing.B) {
	asked := kinds()
	for _, extreme := range []string{"most", "most declared", "odd", "bare"} {
		delete(asked, extreme)
	}
	for _, format := range []struct {
		name string
		draw func([]Label, Target) ([]byte, error)
	}{{"PDF", PDF}, {"PNG", PNG}, {"ZPL", ZPL}} {
		b.Run(format.name, func(b *testing.B) {
			for b.Loop() {
				for _, media := range AllMedia() {
					worst, largest := 0.0, 0
					for kind, l := range asked {
						took, size := measure(b, l, media, format.draw)
						if testing.Verbose() {
							b.Logf("%s, %s: %.1f ms and %d bytes a page", media, kind, took, size)
						}
						worst, largest = max(worst, took), max(largest, size)
					}
					b.ReportMetric(worst, fmt.Sprintf("ms-%s", media))
					b.ReportMetric(float64(largest), fmt.Sprintf("bytes-%s", media))
				}
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}

// measure gives the milliseconds and the bytes that each page of a label takes.
func measure(b *testing.B, l Label, m Media, draw func([]Label, Target) ([]byte, error)) (took float64, size int) {
	b.Helper()
	pages, err := compose([]Label{l}, m.sheet())
	if err != nil {
		b.Fatal(err)
	}
	times := make([]float64, 21)
	for i := range times {
		before := processorTime(b)
		drawn, err := draw([]Label{l}, Target{Media: m})
		if err != nil {
			b.Fatal(err)
		}
		times[i], size = (processorTime(b)-before).Seconds()*1000, len(drawn)
	}
	slices.Sort(times)
	return times[len(times)/2] / float64(len(pages)), size / len(pages)
}

// processorTime gives what this process has used.
func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
