package web

import (
	"encoding/json"
	"net/http"
)

// healthz says that the process lives.
func (s *Server) healthz(w http.ResponseWriter, _ *http.Request) {
	health(w, http.StatusOK, "ok")
}

// readyz says whether requests can be served: the database is reached, its schema is current, the demo data is in.
func (s *Server) readyz(w http.ResponseWriter, r *http.Request) {
	if err := s.Ready(r.Context()); err != nil {
		s.Log.Warn("not ready", "error", err)
		health(w, http.StatusServiceUnavailable, "not ready")
		return
	}
	health(w, http.StatusOK, "ready")
}

func health(w http.ResponseWriter, status int, word string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"status": word})
}
