package e2e

import (
	"net/http"
	"testing"

	"omapostipro/internal/apidoc"
)

// Samples are read in the language that was chosen once, and copied as they are; what was chosen holds for the next visit.
func TestSamplesInOneLanguage(t *testing.T) {
	t.Parallel()
	tab := chrome.Visit(t, sharedPortal(t), Visitor{})
	copies := func(language string) *Element { return tab.Button(tab.T("docs.copy_sample", "language", language)) }
	if status := tab.Open("/docs/api"); status != http.StatusOK {
		t.Fatal(status)
	}
	tab.One("radio", "curl").IsTicked(true)
	tab.One("radio", "Go").Tick(true)
	copies("Go").Times(len(apidoc.Tasks()))
	copies("curl").Gone()
	for i, task := range apidoc.Tasks()[:2] {
		want := apidoc.Sample(task, apidoc.Languages()[1], tab.Portal.URL)
		if got := tab.Copied(copies("Go").Nth(i + 1).Press); got != want {
			t.Errorf("copied is %q, want %q", got, want)
		}
	}
	tab.Reload()
	tab.One("radio", "Go").IsTicked(true)
	copies("Go").Times(len(apidoc.Tasks()))
}
