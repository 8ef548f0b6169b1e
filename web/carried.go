package web

import (
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/google/uuid"

	"omapostipro/internal/organization"
	"omapostipro/templates/login"
	"omapostipro/templates/paths"
)

// The steps of Bjud in användare store nothing, so one that meets an ended session loses nothing either: what it was sent
// rides along in the form of the log-in, and in the one that goes on from there with a press. It goes to nothing but
// these steps, which check what they are sent and change nothing.

// maxCarried is how many bytes ride along at most.
const maxCarried = 1 << 20

// step makes a handler of a step of Bjud in användare, for main users.
func (s *Server) step(handle handlerFunc) http.HandlerFunc {
	return s.inside(mainUser, handle, s.carryThroughLogin)
}

// carryThroughLogin answers a step whose session has ended with the login page, which carries along what the step was sent.
func (s *Server) carryThroughLogin(w http.ResponseWriter, r *http.Request, v *visit) error {
	whole := r.Body
	r.Body = io.NopCloser(io.LimitReader(whole, maxForm+2*maxCarried)) // anybody can send anything
	in, err := s.readInviting(r, v)
	if err != nil {
		_, _ = io.Copy(io.Discard, whole) // a browser listens once it has sent all
		return errNobody()
	}
	if in.file && in.fault == nil { // a browser does not send a file twice
		in.form.Set("addresses", organization.RecipientsText(in.reading.Recipients, in.language))
	}
	next := r.URL.Path
	if !isStep(next) { // Skicka inbjudan: the summary is seen once more
		next = strings.TrimSuffix(next, "/") + "/new/summary"
	}
	carried := carriedFields(in.form)
	size := 0
	for _, field := range carried {
		size += len(field.Value)
	}
	if !isStep(next) || size > maxCarried || strings.TrimSpace(in.form.Get("addresses")) == "" {
		return errNobody()
	}
	page := s.loginPage(v, next, true)
	carry(&page, carried)
	return render(w, r, http.StatusOK, page.View())
}

// carry lets a login page take fields along. It offers no change of language then: that would lose them.
func carry(page *login.Page, fields []login.Field) {
	if page.Carried = fields; len(fields) > 0 {
		page.Path = ""
	}
}

// carriedFields gives what a form has of the fields of Bjud in användare.
func carriedFields(form url.Values) []login.Field {
	var carried []login.Field
	for _, name := range append([]string{"token", "addresses", "typed", "checked", "language", "first_name", "last_name", "user_type", "permission"}, numberFields()...) {
		for _, value := range form[name] {
			carried = append(carried, login.Field{Name: name, Value: value})
		}
	}
	return carried
}

// isStep says whether a path is that of a step which can be gone on with.
func isStep(path string) bool {
	id, _, _ := strings.Cut(strings.TrimPrefix(path, paths.Home("")), "/")
	if _, err := uuid.Parse(id); err != nil {
		return false
	}
	return slices.Contains([]string{paths.NewInvitation(id), paths.NewInvitationPermissions(id), paths.NewInvitationNumbers(id),
		paths.NewInvitationSummary(id)}, path)
}
