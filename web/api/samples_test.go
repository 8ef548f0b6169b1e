package api_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"omapostipro/internal/apidoc"
	"omapostipro/internal/caller"
	"omapostipro/internal/demo/demotest"
)

// runners run the sample that stands in a folder, by language. Go's are built before.
var runners = map[string][]string{
	"curl":       {"sh", "sample.sh"},
	"go":         {"./sample"},
	"python":     {"python3", "sample.py"},
	"php":        {"php", "sample.php"},
	"javascript": {"node", "sample.mjs"},
}

// samples are those of the documentation for one portal, each in a folder of its own with what it reads.
type samples struct {
	folder  string
	secrets []string // the environment that they read
}

func (s samples) folderOf(task apidoc.Task, language apidoc.Language) string {
	return filepath.Join(s.folder, string(task)+"-"+language.ID)
}

// writeSamples writes them as the documentation shows them.
func writeSamples(t *testing.T, address string) samples {
	t.Helper()
	s := samples{folder: t.TempDir()}
	write(t, filepath.Join(s.folder, "go.mod"), "module samples\n\ngo 1.25\n")
	for _, task := range apidoc.Tasks() {
		for _, language := range apidoc.Languages() {
			folder := s.folderOf(task, language)
			if err := os.Mkdir(folder, 0o700); err != nil {
				t.Fatal(err)
			}
			write(t, filepath.Join(folder, apidoc.OrderFile), apidoc.Order())
			write(t, filepath.Join(folder, language.File), apidoc.Sample(task, language, address))
		}
	}
	return s
}

// build builds Go's, in one go.
func (s samples) build(t *testing.T) {
	t.Helper()
	command := exec.CommandContext(t.Context(), "go", "build", "-ldflags=-s -w", "-o", "bin/", "./...")
	command.Dir = s.folder
	if output, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	for _, task := range apidoc.Tasks() {
		if err := os.Rename(filepath.Join(s.folder, "bin", string(task)+"-go"), filepath.Join(s.folder, string(task)+"-go", "sample")); err != nil {
			t.Fatal(err)
		}
	}
}

// run runs one and gives what it says.
func (s samples) run(t *testing.T, task apidoc.Task, language apidoc.Language, more ...string) string {
	t.Helper()
	words := runners[language.ID]
	command := exec.CommandContext(t.Context(), words[0], words[1:]...)
	command.Dir = s.folderOf(task, language)
	command.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME"), "PYTHONIOENCODING=utf-8"}, append(slices.Clip(s.secrets), more...)...)
	var complaints bytes.Buffer
	command.Stderr = &complaints
	output, err := command.Output()
	if err != nil || complaints.Len() > 0 {
		t.Fatalf("%s in %s: %v: %s%s", task, language.Name, err, output, &complaints)
	}
	return string(output)
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

var (
	orderID        = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)
	trackingNumber = regexp.MustCompile(`JJFI600123\d{11}`)
)

// Every sample of the documentation does what it says, as it is shown.
func TestSamples(t *testing.T) {
	t.Parallel()
	p := newPortal(t)
	_, key := p.newKey(t, demotest.OtherMain, demotest.Testbolaget)
	account := p.newApplication(t, demotest.OtherMain, demotest.Testbolaget, caller.Roles()...)
	s := writeSamples(t, p.URL)
	s.build(t)
	s.secrets = []string{"OPP_API_KEY=" + key, "OPP_CLIENT_ID=" + account.ClientID, "OPP_CLIENT_SECRET=" + account.Value}
	first := apidoc.Languages()[0]
	placed := s.run(t, apidoc.OrderWithKey, first)
	number := trackingNumber.FindString(placed)
	s.secrets = append(s.secrets, "OPP_TOKEN="+p.token(t, account), "SHIPMENT_ID="+orderID.FindString(placed), "TRACKING_NUMBER="+number, "PICKUP_DATE="+p.day(1))
	own := trackingNumber.FindString(s.run(t, apidoc.OwnFamily, first))

	says := map[apidoc.Task]func(t *testing.T, output, folder string) bool{
		apidoc.OrderWithKey: func(_ *testing.T, output, _ string) bool {
			return orderID.MatchString(output) && trackingNumber.MatchString(output)
		},
		apidoc.OrderWithToken: func(_ *testing.T, output, _ string) bool {
			return orderID.MatchString(output) && trackingNumber.MatchString(output)
		},
		apidoc.GetToken: func(_ *testing.T, output, _ string) bool { return strings.Contains(output, "opt_") },
		apidoc.FetchLabel: func(t *testing.T, _, folder string) bool {
			content, err := os.ReadFile(filepath.Join(folder, "label.pdf"))
			if err != nil {
				t.Error(err)
			}
			return bytes.HasPrefix(content, []byte("%PDF-"))
		},
		apidoc.Track: func(_ *testing.T, output, _ string) bool {
			return strings.Contains(output, number) && strings.Contains(output, "WAITING")
		},
		apidoc.PickupPoints: func(_ *testing.T, output, _ string) bool { return strings.Count(output, "00") >= 5 },
		// The same key and the same body: whatever sends them, it is the order that was placed.
		apidoc.OwnFamily: func(_ *testing.T, output, _ string) bool { return strings.Contains(output, own) },
		apidoc.OrderPickup: func(_ *testing.T, output, _ string) bool {
			return orderID.MatchString(output) && strings.Contains(output, "ORDERED")
		},
		apidoc.Advance: func(_ *testing.T, output, _ string) bool {
			return trackingNumber.MatchString(output) && strings.Contains(output, "RECEIVED")
		},
	}
	for _, language := range apidoc.Languages() {
		t.Run(language.ID, func(t *testing.T) {
			t.Parallel()
			for _, task := range apidoc.Tasks() {
				var more []string
				if task == apidoc.Advance || task == apidoc.OrderPickup { // one that nobody else looks at, or fetches
					fresh := s.run(t, apidoc.OrderWithKey, language)
					more = []string{"SHIPMENT_ID=" + orderID.FindString(fresh), "TRACKING_NUMBER=" + trackingNumber.FindString(fresh)}
				}
				output := s.run(t, task, language, more...)
				if !says[task](t, output, s.folderOf(task, language)) {
					t.Errorf("%s says %q", task, output)
				}
			}
		})
	}
}
