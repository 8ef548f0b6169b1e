package session

import "strings"

// known is a name, and what in a User-Agent tells of it.
type known struct{ sign, name string }

// Browsers name those that they descend from too, so the first sign that is found tells.
var (
	browsers = []known{
		{"Edg", "Edge"}, {"OPR/", "Opera"}, {"OPT/", "Opera"}, {"SamsungBrowser/", "Samsung Internet"}, {"Vivaldi/", "Vivaldi"}, {"YaBrowser/", "Yandex"},
		{"DuckDuckGo/", "DuckDuckGo"}, {"Ddg/", "DuckDuckGo"}, {"FxiOS/", "Firefox"}, {"Firefox/", "Firefox"}, {"CriOS/", "Chrome"},
		{"Chrome/", "Chrome"}, {"Chromium/", "Chrome"}, {"Safari/", "Safari"}, {"curl/", "curl"},
	}
	systems = []known{
		{"Windows", "Windows"}, {"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Android", "Android"}, {"CrOS", "ChromeOS"}, {"Macintosh", "macOS"}, {"Linux", "Linux"},
	}
)

// device gives the names of the browser that a User-Agent is of, and of what it runs on: enough for somebody to know their
// own by, and nothing more. Each is empty where it is not known.
func device(userAgent string) (browser, system string) {
	return nameIn(userAgent, browsers), nameIn(userAgent, systems)
}

func nameIn(text string, names []known) string {
	for _, n := range names {
		if strings.Contains(text, n.sign) {
			return n.name
		}
	}
	return ""
}
