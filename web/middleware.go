package web

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"net/netip"
	"runtime/debug"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/google/uuid"

	"omapostipro/internal/fault"
	"omapostipro/internal/i18n"
)

// origin is where a request comes from and what it is called; made first, for the log and for audit events.
type origin struct {
	requestID string
	address   string
}

type originKey struct{}

func originOf(ctx context.Context) origin {
	o, _ := ctx.Value(originKey{}).(origin)
	return o
}

// identifyRequest gives each request its id, which the answer carries too, and finds out the client's address.
func (s *Server) identifyRequest(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := "unknown"
		if made, err := uuid.NewV7(); err == nil {
			id = made.String()
		}
		w.Header().Set("X-Request-Id", id)
		o := origin{requestID: id, address: clientAddress(r, s.TrustedProxies)}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), originKey{}, o)))
	})
}

// clientAddress gives the client's IP address: the connection's, unless that is a trusted proxy's; then the last
// forwarded one that is not a trusted proxy's.
func clientAddress(r *http.Request, trusted []netip.Prefix) string {
	connection, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return ""
	}
	address := connection.Addr().Unmap()
	isTrusted := func(a netip.Addr) bool {
		for _, prefix := range trusted {
			if prefix.Contains(a) {
				return true
			}
		}
		return false
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && isTrusted(address); i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		address = hop.Unmap()
	}
	return address.String()
}

// answerHeads answers HEAD as GET; net/http leaves out the body.
func answerHeads(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead {
			chi.RouteContext(r.Context()).RouteMethod = http.MethodGet
		}
		next.ServeHTTP(w, r)
	})
}

// logRequests writes a line for each request, where such lines are kept: never a query, a header or a body.
func (s *Server) logRequests(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !s.Log.Enabled(r.Context(), slog.LevelDebug) {
			next.ServeHTTP(w, r)
			return
		}
		start := time.Now()
		wrapped := middleware.NewWrapResponseWriter(w, r.ProtoMajor)
		defer func() {
			s.Log.Debug("request", "method", r.Method, "path", r.URL.Path, "status", wrapped.Status(), "bytes", wrapped.BytesWritten(),
				"duration", time.Since(start), "request", originOf(r.Context()).requestID)
		}()
		next.ServeHTTP(wrapped, r)
	})
}

// recoverPanics answers a panic with the page of an internal error, and logs it once.
func (s *Server) recoverPanics(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			cause := recover()
			if cause == nil {
				return
			}
			if err, ok := cause.(error); ok && errors.Is(err, http.ErrAbortHandler) {
				panic(cause) // net/http's own way to break off
			}
			s.Log.Error("panic", "cause", cause, "request", originOf(r.Context()).requestID, "stack", string(debug.Stack()))
			s.internalError(w, r)
		}()
		next.ServeHTTP(w, r)
	})
}

// contentSecurityPolicy has no exceptions: nothing inline, nothing from elsewhere.
const contentSecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; " +
	"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// setHeaders sets what every answer carries.
func (s *Server) setHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", contentSecurityPolicy)
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=(), clipboard-write=(self)")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		if s.Secure {
			h.Set("Strict-Transport-Security", "max-age=63072000")
		}
		next.ServeHTTP(w, r)
	})
}

const (
	maxForm = 64 << 10 // bytes that a form's body may have
	// A file of recipients may have a megabyte, and the form that carries its rows from step to step as much again. What
	// is larger than that is not kept, but read to its end, so that the browser gets the answer that says so.
	maxUpload = 32 << 20
)

// limitedBody is a body of which little is read, unless a route allows more.
type limitedBody struct {
	io.ReadCloser
	whole io.ReadCloser
}

// limitForms bounds what is read of a body.
func limitForms(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = limitedBody{ReadCloser: http.MaxBytesReader(w, r.Body, maxForm), whole: r.Body}
		next.ServeHTTP(w, r)
	})
}

// allowUploads bounds what is read of a body less, for the routes that take files of recipients.
func allowUploads(next http.Handler) http.Handler { return allow(maxUpload, next) }

// allowCarried does so for the log-in where it carries along what a step of Bjud in användare was sent, as a form with parts.
func allowCarried(next http.Handler) http.Handler {
	carrying := allow(maxForm+2*maxCarried, next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err == nil && kind == "multipart/form-data" {
			carrying.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func allow(most int64, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if body, ok := r.Body.(limitedBody); ok {
			r.Body = http.MaxBytesReader(w, body.whole, most)
		}
		next.ServeHTTP(w, r)
	})
}

// sameSite refuses what another site sends on a user's behalf, before anything runs. Reading (GET, HEAD) changes nothing
// and is let through.
func (s *Server) sameSite(next http.Handler) http.Handler {
	protection := http.NewCrossOriginProtection()
	if err := protection.AddTrustedOrigin(s.BaseURL); err != nil {
		panic(err) // the configuration has checked it
	}
	protection.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r = r.WithContext(i18n.With(r.Context(), s.language(r, nil)))
		s.fail(w, r, &visit{server: s}, fault.New(fault.Forbidden, "errors.cross_site"))
	}))
	return protection.Handler(next)
}

// Origin gives a request's id and its client's address, for the API's answers and events.
func Origin(ctx context.Context) (requestID, address string) {
	o := originOf(ctx)
	return o.requestID, o.address
}
