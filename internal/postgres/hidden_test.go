package postgres_test

import (
	"testing"

	"omapostipro/internal/plain"
	"omapostipro/internal/postgres"
	"omapostipro/internal/postgres/postgrestest"
)

// The database holds what internal/plain does, whoever writes.
func TestHiddenCharactersAreNotStored(t *testing.T) {
	t.Parallel()
	system := postgrestest.New(t).System()
	for _, text := range []string{"Åsa Öberg", "a\u200bb", "\u202eb", "\ufeffb", "a\u00adb", "\u2069b", "\u061cb", "\U000e0041b", "👩\u200d👧", "می\u200cخواهم", "\u0600١", "❤\ufe0f", "辻\U000e0100", "—"} {
		err := system.Exec(t.Context(), `insert into users (id, email, email_key, first_name, last_name, created_at) values (gen_random_uuid(), 'a@example.com', gen_random_uuid(), $1, '', now())`, text)
		if got := postgres.Constraint(err) == "no_hidden_characters"; got != (plain.Strip(text) != text) || err != nil && !got {
			t.Errorf("%q: %v", text, err)
		}
	}
	// What has nothing to be seen in it is no name; that there is none is said by an empty text.
	for _, text := range []string{"", "-", "Å", "e\u0301", "❤\ufe0f", "١", "\u3164", "\u115f\u1160", "\u2800", "\ufe0f", "\u200d", "\u00a0\u3000", "\u2800 \u2800", "\u3164Å"} {
		err := system.Exec(t.Context(), `insert into users (id, email, email_key, first_name, last_name, created_at) values (gen_random_uuid(), 'a@example.com', gen_random_uuid(), $1, '', now())`, text)
		if got := postgres.Constraint(err) == "no_hidden_characters"; got != (text != "" && plain.Line(text) == "") || err != nil && !got {
			t.Errorf("%q: %v", text, err)
		}
	}
	if err := system.Exec(t.Context(), `insert into users (id, email, email_key, first_name, last_name, created_at) values (gen_random_uuid(), $1::text, $1::text, '', '', now())`, "a\u200b@example.com"); postgres.Constraint(err) != "no_hidden_characters" {
		t.Error(err)
	}
}
