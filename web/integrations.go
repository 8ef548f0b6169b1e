package web

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"

	"omapostipro/internal/account"
	"omapostipro/internal/apikey"
	"omapostipro/internal/caller"
	"omapostipro/internal/fault"
	"omapostipro/internal/i18n"
	"omapostipro/templates/integrations"
	"omapostipro/templates/keys"
	"omapostipro/templates/layout"
	"omapostipro/templates/paths"
)

// showIntegrations shows Integrationer.
func (s *Server) showIntegrations(w http.ResponseWriter, r *http.Request, v *visit) error {
	v.there = paths.Integrations
	return render(w, r, http.StatusOK, integrations.Page{Base: v.base()}.View())
}

// keysPage gives the API's page with its list.
func (s *Server) keysPage(r *http.Request, v *visit) (keys.Page, error) {
	v.there = paths.Keys
	list, mainUsers, err := s.Keys.List(r.Context(), v.actor)
	if err != nil {
		return keys.Page{}, err
	}
	page := keys.Page{Base: v.base(), Address: s.BaseURL, Manages: v.actor.MayManageKeys(), Creating: creating(v.actor), Ask: contactsOf(mainUsers)}
	p := i18n.From(r.Context())
	for _, key := range list {
		if key.Status == caller.Revoked {
			page.Revoked = append(page.Revoked, keyOf(p, key, page.Now))
		} else {
			page.Keys = append(page.Keys, keyOf(p, key, page.Now))
		}
	}
	return page, nil
}

// creating says what the page shows about creating keys: the button, or what is missing.
func creating(actor account.Actor) keys.Creating {
	switch {
	case actor.MayCreateKeys() == nil:
		return keys.MayCreate
	case actor.MayManageKeys():
		return keys.NeedsContract
	default:
		return keys.NeedsMainUser
	}
}

var states = map[caller.Status]keys.State{caller.Enabled: keys.Enabled, caller.Disabled: keys.Disabled, caller.Revoked: keys.Revoked}

func keyOf(p *i18n.Printer, key apikey.Key, now time.Time) keys.Key {
	var changedBy string
	if key.ChangerID != nil {
		changedBy = nameOf(p, *key.ChangerID, key.StatusChangedBy)
	}
	return keys.Key{ID: key.ID.String(), Tail: key.Suffix, Description: key.Description, State: states[key.Status], Contracts: numbersOf(key.Contracts),
		Created: key.CreatedAt, CreatedBy: nameOf(p, key.MakerID, key.MakerName), MakerLeft: key.MakerLeft, LastUsed: orZero(key.LastUsedAt),
		Changed: orZero(key.StatusChangedAt), ChangedBy: changedBy, Expires: orZero(key.ExpiresAt), Expired: key.Expired(now), Networks: networksOf(key)}
}

func networksOf(key apikey.Key) []string {
	networks := make([]string, len(key.Networks))
	for i, network := range key.Networks {
		networks[i] = network.String()
		if network.IsSingleIP() {
			networks[i] = network.Addr().String()
		}
	}
	return networks
}

func orZero(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

// showKeys shows the API's page.
func (s *Server) showKeys(w http.ResponseWriter, r *http.Request, v *visit) error {
	page, err := s.keysPage(r, v)
	if err != nil {
		return err
	}
	page.NewKey = r.URL.Query().Get("made")
	return render(w, r, http.StatusOK, page.View())
}

// leadToKeys answers a GET of where keys are created.
func (s *Server) leadToKeys(w http.ResponseWriter, r *http.Request, v *visit) error {
	return seeOther(w, r, paths.Keys(v.organization()))
}

// leadToKey answers a GET of what is only done to a key by a POST.
func (s *Server) leadToKey(w http.ResponseWriter, r *http.Request, v *visit) error {
	id, err := pathID(r, "key")
	if err != nil {
		return err
	}
	return seeOther(w, r, paths.Key(v.organization(), id.String()))
}

// showNewKey shows the dialog Skapa ny API-nyckel, or the API's page, which says what is missing.
func (s *Server) showNewKey(w http.ResponseWriter, r *http.Request, v *visit) error {
	if v.actor.MayCreateKeys() != nil {
		return s.leadToKeys(w, r, v)
	}
	token, err := uuid.NewV7()
	if err != nil {
		return err
	}
	chosen := func(apikey.Contract) bool { return true }
	return s.newKeyDialog(w, r, v, http.StatusOK, keys.NewPage{Token: token.String()}, chosen)
}

func (s *Server) newKeyDialog(w http.ResponseWriter, r *http.Request, v *visit, status int, dialog keys.NewPage, chosen func(apikey.Contract) bool) error {
	page, err := s.keysPage(r, v)
	if err != nil {
		return err
	}
	dialog.Page = page
	for _, contract := range apikey.Linkable(v.actor) {
		dialog.Contracts = append(dialog.Contracts, keys.Choice{ContractNumber: numberOf(contract), Chosen: chosen(contract)})
	}
	return render(w, r, status, dialog.View())
}

// createKey makes a key and leads to the dialog that says so.
func (s *Server) createKey(w http.ResponseWriter, r *http.Request, v *visit) error {
	form, err := decode(r)
	if err != nil {
		return err
	}
	token, err := uuid.Parse(form.Get("token"))
	if err != nil {
		return fault.New(fault.Malformed, "form.incomplete")
	}
	wanted := apikey.New{Description: form.Get("description"), Contracts: formIDs(form, "contract"), Token: token}
	id, err := s.Keys.Create(r.Context(), v.actor, wanted)
	if f, ok := faultOf(err); ok {
		dialog := keys.NewPage{Description: wanted.Description, Token: form.Get("token"), Fault: f}
		chosen := func(c apikey.Contract) bool { return slices.Contains(wanted.Contracts, c.ID) }
		return s.newKeyDialog(w, r, v, http.StatusUnprocessableEntity, dialog, chosen)
	}
	if err != nil {
		return err
	}
	return seeOther(w, r, paths.CreatedKey(v.organization(), id.String()))
}

// showCreatedKey shows the dialog Din nya API-nyckel har skapats framgångsrikt.
func (s *Server) showCreatedKey(w http.ResponseWriter, r *http.Request, v *visit) error {
	page, key, err := s.listedKey(r, v)
	if err != nil {
		return err
	}
	page.NewKey = key.ID
	dialog := keys.CreatedPage{Page: page, Key: key}
	for _, other := range page.Keys {
		dialog.Repeated = dialog.Repeated || other.ID != key.ID && other.Description == key.Description
	}
	return render(w, r, http.StatusOK, dialog.View())
}

// listedKey gives the API's page and the one of its keys that the path names.
func (s *Server) listedKey(r *http.Request, v *visit) (keys.Page, keys.Key, error) {
	id, err := pathID(r, "key")
	if err != nil {
		return keys.Page{}, keys.Key{}, err
	}
	page, err := s.keysPage(r, v)
	if err != nil {
		return keys.Page{}, keys.Key{}, err
	}
	for _, key := range slices.Concat(page.Keys, page.Revoked) {
		if key.ID == id.String() {
			return page, key, nil
		}
	}
	return keys.Page{}, keys.Key{}, errNotFound()
}

// showKey shows a key's page.
func (s *Server) showKey(w http.ResponseWriter, r *http.Request, v *visit) error {
	key, err := s.pathKey(r, v)
	if err != nil {
		return err
	}
	page := keys.DetailPage{Base: v.base(), Key: keyOf(i18n.From(r.Context()), key, s.Now()), Address: s.BaseURL, Manages: v.actor.MayManageKeys()}
	return render(w, r, http.StatusOK, page.View())
}

func (s *Server) pathKey(r *http.Request, v *visit) (apikey.Key, error) {
	v.there = paths.Keys
	id, err := pathID(r, "key")
	if err != nil {
		return apikey.Key{}, err
	}
	return s.Keys.Get(r.Context(), v.actor, id)
}

// giveKeyValue gives out a key's value: as text to the script that copies it, as a page to who has no scripts.
func (s *Server) giveKeyValue(w http.ResponseWriter, r *http.Request, v *visit) error {
	id, err := pathID(r, "key")
	if err != nil {
		return err
	}
	value, err := s.Keys.Value(r.Context(), v.actor, id)
	if err != nil {
		return err
	}
	if r.Header.Get("Accept") == "text/plain" {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		_, _ = w.Write([]byte(value))
		return nil
	}
	key, err := s.pathKey(r, v)
	if err != nil {
		return err
	}
	v.path = paths.Key(v.organization(), id.String())
	return render(w, r, http.StatusOK, keys.ValuePage{Base: v.base(), Key: keyOf(i18n.From(r.Context()), key, s.Now()), Value: value}.View())
}

// enableKey lets a key work again.
func (s *Server) enableKey(w http.ResponseWriter, r *http.Request, v *visit) error {
	return s.changeKey(w, r, v, s.Keys.Enable, "keys.enabled_receipt")
}

// disableKey stops a key until it is enabled again.
func (s *Server) disableKey(w http.ResponseWriter, r *http.Request, v *visit) error {
	return s.changeKey(w, r, v, s.Keys.Disable, "keys.disabled_receipt")
}

// showRevocation shows the dialog that asks before a key is revoked.
func (s *Server) showRevocation(w http.ResponseWriter, r *http.Request, v *visit) error {
	page, key, err := s.listedKey(r, v)
	if err != nil {
		return err
	}
	if !v.actor.MayManageKeys() || key.State == keys.Revoked {
		return s.leadToKey(w, r, v)
	}
	return render(w, r, http.StatusOK, keys.RevocationPage{Page: page, Key: key}.View())
}

// revokeKey ends a key for good.
func (s *Server) revokeKey(w http.ResponseWriter, r *http.Request, v *visit) error {
	return s.changeKey(w, r, v, s.Keys.Revoke, "keys.revoked_receipt")
}

// changeKey changes a key's state and leads back to the list, with a receipt.
func (s *Server) changeKey(w http.ResponseWriter, r *http.Request, v *visit, change func(context.Context, account.Actor, uuid.UUID) error, receipt string) error {
	id, err := pathID(r, "key")
	if err != nil {
		return err
	}
	if err := change(r.Context(), v.actor, id); err != nil {
		return err
	}
	key, err := s.Keys.Get(r.Context(), v.actor, id)
	if err != nil {
		return err
	}
	s.setFlash(w, layout.Flash{Text: i18n.From(r.Context()).T(receipt, "description", key.Description)})
	return seeOther(w, r, paths.Keys(v.organization())+"#key-"+id.String())
}
