// Package static serves the stylesheet, the script, the font and the icons. All of it is embedded and read once, at start:
// the files of css/ become one stylesheet, those of js/ one script, those of icons/ one sprite. An address holds the
// hash of what it serves, so a browser may keep it for good.
package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// Prefix is where Handler is mounted.
const Prefix = "/static/"

//go:embed css/*.css js/*.js fonts/*.woff2 icons/*.svg mark.svg
var files embed.FS

// The names that URL knows.
const (
	Stylesheet = "css/app.css"
	Script     = "js/app.js"
	Font       = "fonts/figtree.woff2"
	Mark       = "mark.svg"
)

// asset is one file as it is sent.
type asset struct {
	contentType string
	raw         []byte
	gzipped     []byte // nil for what is compressed in itself
}

// store holds every asset by its hashed name, and the way from a plain name to it.
type store struct {
	assets map[string]asset
	urls   map[string]string
	sprite string
}

// assets is built on first use; a file that is missing is a mistake of the build, and there is nothing to go on with.
var assets = sync.OnceValue(func() *store {
	s := &store{assets: map[string]asset{}, urls: map[string]string{}}
	s.add(Font, "font/woff2", read(Font))
	s.add(Mark, "image/svg+xml", read(Mark))
	s.add(Stylesheet, "text/css; charset=utf-8", s.resolve(join("css/*.css", "", "")))
	// A block a module keeps their names apart; they speak to each other by events only.
	s.add(Script, "text/javascript; charset=utf-8", join("js/*.js", "{\n", "}\n"))
	s.sprite = buildSprite()
	return s
})

// URL gives the address of an asset, such as /static/css/app.4fJk….css; a name that is none panics, for a page that
// links to nothing must not leave the house.
func URL(name string) string {
	url, ok := assets().urls[name]
	if !ok {
		panic("static: there is no " + name)
	}
	return url
}

// Sprite is an SVG element to put into a page once; <use href="#i-copy"> then draws the icon of icons/copy.svg.
func Sprite() string { return assets().sprite }

// Handler serves the assets under Prefix.
func Handler() http.Handler {
	s := assets()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		file, ok := s.assets[strings.TrimPrefix(r.URL.Path, Prefix)]
		if !ok {
			http.NotFound(w, r)
			return
		}
		h := w.Header()
		h.Set("Content-Type", file.contentType)
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("X-Content-Type-Options", "nosniff")
		body := file.raw
		if file.gzipped != nil {
			h.Set("Vary", "Accept-Encoding")
			if acceptsGzip(r) {
				h.Set("Content-Encoding", "gzip")
				body = file.gzipped
			}
		}
		h.Set("Content-Length", strconv.Itoa(len(body)))
		if r.Method != http.MethodHead {
			_, _ = w.Write(body) // a reader that has gone away is no failure of ours
		}
	})
}

func acceptsGzip(r *http.Request) bool {
	for encoding := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, params, _ := strings.Cut(strings.TrimSpace(encoding), ";")
		if name == "gzip" && strings.ReplaceAll(params, " ", "") != "q=0" {
			return true
		}
	}
	return false
}

func (s *store) add(name, contentType string, body []byte) {
	sum := sha256.Sum256(body)
	extension := path.Ext(name)
	hashed := strings.TrimSuffix(name, extension) + "." + base64.RawURLEncoding.EncodeToString(sum[:9]) + extension
	file := asset{contentType: contentType, raw: body}
	if !strings.HasPrefix(contentType, "font/") {
		file.gzipped = compress(body)
	}
	s.assets[hashed] = file
	s.urls[name] = Prefix + hashed
}

// reference is an address in the stylesheet, written as it is in the tree: url("../fonts/figtree.woff2").
var reference = regexp.MustCompile(`url\("\.\./([^"]+)"\)`)

func (s *store) resolve(css []byte) []byte {
	return reference.ReplaceAllFunc(css, func(match []byte) []byte {
		name := string(reference.FindSubmatch(match)[1])
		url, ok := s.urls[name]
		if !ok {
			panic("static: the stylesheet refers to " + name)
		}
		return fmt.Appendf(nil, "url(%q)", url)
	})
}

// join puts the files of a pattern one after the other, in the order of their names, without what only people read:
// indentation and the lines that are a comment from end to end.
func join(pattern, before, after string) []byte {
	names, err := fs.Glob(files, pattern)
	if err != nil || len(names) == 0 {
		panic("static: there is no " + pattern)
	}
	var b bytes.Buffer
	for _, name := range names {
		b.WriteString(before)
		inComment := false
		for line := range strings.Lines(string(read(name))) {
			line = strings.TrimSpace(line)
			if strings.HasPrefix(line, "/*") {
				inComment = true
			}
			if !inComment && line != "" && !strings.HasPrefix(line, "//") {
				b.WriteString(line)
				b.WriteByte('\n')
			}
			if strings.HasSuffix(line, "*/") {
				inComment = false
			}
		}
		b.WriteString(after)
	}
	return b.Bytes()
}

// shape is what an icon's file draws, inside its svg element.
var shape = regexp.MustCompile(`(?s)<svg[^>]*>(.*)</svg>`)

func buildSprite() string {
	names, err := fs.Glob(files, "icons/*.svg")
	if err != nil || len(names) == 0 {
		panic("static: there are no icons")
	}
	var b strings.Builder
	b.WriteString(`<svg hidden xmlns="http://www.w3.org/2000/svg">`)
	for _, name := range names {
		fmt.Fprintf(&b, `<symbol id="i-%s" viewBox="0 0 24 24">`, strings.TrimSuffix(path.Base(name), ".svg"))
		for line := range strings.Lines(string(shape.FindSubmatch(read(name))[1])) {
			b.WriteString(strings.Replace(strings.TrimSpace(line), " />", "/>", 1))
		}
		b.WriteString("</symbol>")
	}
	b.WriteString("</svg>")
	return b.String()
}

func read(name string) []byte {
	body, err := files.ReadFile(name)
	if err != nil {
		panic(err)
	}
	return body
}

// compress runs once an asset, at start: gzip in the standard library is quick enough for that, and saves a dependency
// and a build step for the tenth that brotli would gain.
func compress(body []byte) []byte {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		panic(err)
	}
	_, _ = w.Write(body) // into memory: neither can fail
	_ = w.Close()
	return b.Bytes()
}
