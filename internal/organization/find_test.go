package organization_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"omapostipro/internal/account"
	"omapostipro/internal/demo/demotest"
	"omapostipro/internal/organization"
	"omapostipro/internal/postgres"
)

// names lists whom a filter finds, page after page, and checks that as many are counted.
func names(t *testing.T, d *demotest.Data, actor account.Actor, filter organization.Filter) []string {
	t.Helper()
	var (
		found  = []string{}
		cursor organization.Cursor
	)
	for {
		listing, err := organization.NewService(d.App, d.Clock.Now).List(t.Context(), actor, filter, cursor, organization.Cursor{})
		if err != nil {
			t.Fatalf("%+v: %v", filter, err)
		}
		for _, person := range listing.People.Rows {
			found = append(found, strings.TrimSpace(person.FirstName+" "+person.LastName))
		}
		if cursor = listing.People.Next; cursor == (organization.Cursor{}) {
			if !listing.People.Many && listing.People.Total != len(found) {
				t.Errorf("%+v: %d are counted, %d found", filter, listing.People.Total, len(found))
			}
			return found
		}
	}
}

// rename gives some of the demo's colleagues other names.
func rename(t *testing.T, d *demotest.Data, others ...[3]string) {
	t.Helper()
	for i, name := range others {
		colleague := demotest.Rows[struct{ Email string }](t, d.System, `select email_key as email from users where email_key like '%.%@example.com'
			and email_key not in ($1, $2, $3) order by email_key desc`, demotest.MainUser, demotest.SecondMain, demotest.PlainUser)[0].Email
		d.Exec(t, "update users set first_name = $2, last_name = $3, email = $4::text, email_key = $4::text where email_key = $1", colleague, name[0], name[1],
			cmpOr(name[2], fmt.Sprintf("%d@renamed.example", i)))
	}
}

func cmpOr(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func TestSearchFoldsCaseAndAccents(t *testing.T) {
	t.Parallel()
	d := demotest.New(t)
	main := d.Actor(t, demotest.MainUser, demotest.ExampleOy)
	long := strings.Repeat("Ж", 200)
	rename(t, d, [3]string{"Łukasz", "Øster-Straße", ""}, [3]string{"王", "小明", "wang@kina.example"}, [3]string{"יעל", "כהן", ""}, [3]string{"😀", "Glad", ""},
		[3]string{"<script>", "=cmd()", ""}, [3]string{"50%", `a\_b`, ""}, [3]string{long, long, "j@" + strings.Repeat("x", 190) + ".fi"}, [3]string{"Maria", "de la Cruz", ""},
		[3]string{"İstanbul", "Çelik", ""}, [3]string{"", "", "nameless@renamed.example"})
	for query, want := range map[string][]string{
		"Makela": {"Hanna Mäkelä"}, "mÄKELä": {"Hanna Mäkelä"}, "Å": nil, "åsa": {"Liisa Räsänen", "Åsa Österberg"}, "ÅSA": {"Liisa Räsänen", "Åsa Österberg"}, "asa ost": {"Åsa Österberg"},
		"osterberg": {"Åsa Österberg"}, "nyg": {"Ärla Nygård"}, "öst": {"Åsa Österberg", "Łukasz Øster-Straße", "Östen Öst"}, "gård": {"Ärla Nygård"}, "linnea": {"Linnéa Blomqvist"},
		"straße": {"Łukasz Øster-Straße"}, "STRASSE lukasz": {"Łukasz Øster-Straße"}, "王": {"王 小明"}, "小": {"王 小明"}, "明": {}, "wang@kina": {"王 小明"}, "יעל": {"יעל כהן"}, "כהן יע": {"יעל כהן"},
		"😀": {"😀 Glad"}, "<script>": {"<script> =cmd()"}, "=cmd()": {"<script> =cmd()"}, "50%": {`50% a\_b`}, "%": {}, "_": {}, `\`: {}, `\_b`: {`50% a\_b`}, "%%%": {}, "___": {}, "a_b": {},
		long: {long + " " + long}, strings.Repeat("ж", 200): {long + " " + long}, "maria de la cruz": {"Maria de la Cruz"}, "la cr": {"Maria de la Cruz"}, "istanbul": {"İstanbul Çelik"}, "CELIK": {"İstanbul Çelik"},
		"nameless": {""}, "hanna nobody": {}, "nobody": {}, "x' or ''='": {}, "hanna@example.com": {}, "hanna.makela@EXAMPLE.com": {"Hanna Mäkelä"}, "makela@example": {"Hanna Mäkelä"}, "\u00a0hanna\u2003makela ": {"Hanna Mäkelä"},
		"hanna.makela@example.org": {}, "mariavirtanen": {}, "Maria Virtanen": {}, "main.user@test": {}, // another organisation's
	} {
		found := names(t, d, main, organization.Filter{Query: query})
		if want == nil { // an Å is an A
			if len(found) < 5 || !slices.Contains(found, "Åsa Österberg") || !slices.Contains(found, "Anders Nyström") {
				t.Errorf("%q finds %q", query, found)
			}
			continue
		}
		slices.Sort(found)
		slices.Sort(want)
		if diff := cmp.Diff(want, found); diff != "" {
			t.Errorf("%q: %s", query, diff)
		}
	}
}

func TestShortSearchesFindBeginnings(t *testing.T) {
	t.Parallel()
	d := demotest.New(t)
	main := d.Actor(t, demotest.MainUser, demotest.ExampleOy)
	for _, query := range []string{"a", "Å", "an", "li", "ö", "ös", "h m"} {
		want := []string{}
		for _, person := range demotest.Rows[struct{ Name, Email string }](t, d.System, `select shown_name(u.first_name, u.last_name, u.email) as name, u.email::text from users u
			join memberships m on m.user_id = u.id where m.organization_id = $1 order by u.first_name || ' ' || u.last_name collate "sv-SE-x-icu"`, main.Organization.ID) {
			folded := " " + strings.NewReplacer("å", "a", "ä", "a", "ö", "o", "é", "e").Replace(strings.ToLower(person.Name)) + " " + person.Email
			all := true
			for word := range strings.FieldsSeq(strings.NewReplacer("å", "a", "ö", "o").Replace(strings.ToLower(query))) {
				all = all && strings.Contains(folded, " "+word)
			}
			if all {
				want = append(want, person.Name)
			}
		}
		if diff := cmp.Diff(want, names(t, d, main, organization.Filter{Query: query})); diff != "" || len(want) == 0 {
			t.Errorf("%q: %s", query, diff)
		}
	}
}

func TestPeopleAreFiltered(t *testing.T) {
	t.Parallel()
	d := demotest.New(t)
	main := d.Actor(t, demotest.MainUser, demotest.ExampleOy)
	find := func(filter organization.Filter) []string { return names(t, d, main, filter) }
	if found := find(organization.Filter{UserType: account.MainUser}); !slices.Equal(found, []string{"FirstName LastName", "Sanna Andersson"}) {
		t.Errorf("main users are %q", found)
	}
	if found := find(organization.Filter{Permission: account.ManageIntegrations, UserType: account.MainUser, Query: "sanna"}); !slices.Equal(found, []string{"Sanna Andersson"}) {
		t.Errorf("with Hantera integrationer: %q", found)
	}
	if found := find(organization.Filter{Number: d.Number(t, "876543")}); len(found) != 21 || !slices.Contains(found, "FirstName LastName") {
		t.Errorf("with the freight code: %d, %q", len(found), found)
	}
	for name, nobody := range map[string]organization.Filter{"unassigned": {Number: d.Number(t, "123456")}, "another's": {Number: d.Number(t, "600123")}, "none": {Number: uuid.Max},
		"main user": {UserType: account.MainUser, Query: "peter"}, "unseen": {Unseen: true}} {
		if found := find(nobody); len(found) > 0 {
			t.Errorf("%s: %q", name, found)
		}
	}

	// Who lacks numbers is seen at once, whatever has been done: a right given, a number gone or ended.
	lacking := len(find(organization.Filter{Lacking: true}))
	if lacking == 0 || slices.Contains(find(organization.Filter{Lacking: true}), "Peter Lindholm") {
		t.Fatalf("%d lack numbers", lacking)
	}
	d.Exec(t, "delete from membership_contract_numbers where user_id = $1", d.User(t, demotest.PlainUser))
	if found := find(organization.Filter{Lacking: true, Query: "peter"}); !slices.Equal(found, []string{"Peter Lindholm"}) || len(find(organization.Filter{Lacking: true})) != lacking+1 {
		t.Errorf("without his number: %q", found)
	}
	d.Exec(t, "delete from membership_permissions where user_id = $1", d.User(t, demotest.PlainUser))
	if found := find(organization.Filter{Lacking: true, Query: "peter"}); len(found) > 0 {
		t.Errorf("without permissions: %q", found)
	}
	d.EndNumber(t, "876543", d.Clock.Now().AddDate(0, 0, 10))
	if now := len(find(organization.Filter{Lacking: true})); now != lacking {
		t.Errorf("%d lack numbers before one ends", now)
	}
	d.Clock.Advance(11 * 24 * time.Hour)
	later := find(organization.Filter{Lacking: true})
	if len(later) <= lacking || slices.Contains(later, "FirstName LastName") {
		t.Errorf("%d lack numbers when one has ended: %q", len(later), later)
	}
}

// Whoever has not been seen in the organisation for ninety days, or has never been since joining it.
func TestWhoHasNotBeenSeen(t *testing.T) {
	t.Parallel()
	d := demotest.New(t)
	main, both := d.Actor(t, demotest.MainUser, demotest.ExampleOy), d.User(t, demotest.Both)
	d.Clock.Advance(91 * 24 * time.Hour)
	d.Exec(t, `insert into sessions (id, user_id, secret_hash, created_at, last_seen_at, idle_timeout, expires_at)
		values ($1, $1, sha256('x'), $2::timestamptz, $2::timestamptz, '1 year', $2::timestamptz + interval '1 year')`, both, d.Clock.Now())
	filter := organization.Filter{Unseen: true}
	if found := names(t, d, main, filter); len(found) != 65 {
		t.Errorf("%d have not been seen", len(found))
	}
	// Seen elsewhere is not seen here.
	touch := func(organization string) {
		if err := d.App.Exec(t.Context(), "select touch_sessions($1, $2, $3)", []uuid.UUID{both}, []time.Time{d.Clock.Now()}, []uuid.UUID{d.Organization(t, organization).ID}); err != nil {
			t.Fatal(err)
		}
	}
	touch(demotest.Testbolaget)
	if found := names(t, d, main, filter); len(found) != 65 {
		t.Errorf("%d have not been seen", len(found))
	}
	touch(demotest.ExampleOy)
	if found := names(t, d, main, filter); len(found) != 64 || slices.Contains(found, "Oskar Lindqvist") {
		t.Errorf("%d have not been seen", len(found))
	}
	if seen := demotest.Value[time.Time](t, d.System, "select last_seen_at from memberships where organization_id = $1 and user_id = $2", main.Organization.ID, both); !seen.Equal(d.Clock.Now()) {
		t.Errorf("last seen %s", seen)
	}
	// A change writes the row anew and keeps what is known.
	d.Exec(t, "update users set first_name = 'Ossian' where id = $1", both)
	if found := names(t, d, main, organization.Filter{Query: "ossian"}); !slices.Equal(found, []string{"Ossian Lindqvist"}) || len(names(t, d, main, filter)) != 64 {
		t.Errorf("under another name: %q", found)
	}
}

// In an organisation too large to be walked through, each search finds the same by the index as it would along the names.
func TestTheIndexFindsWhatTheNamesWould(t *testing.T) {
	t.Parallel()
	d := demotest.New(t)
	main := d.Actor(t, demotest.MainUser, demotest.ExampleOy)
	const more = 2500
	d.Exec(t, `with made as (
			insert into users (id, email, email_key, first_name, last_name, created_at)
			select md5('person ' || i)::uuid, 'p' || i || '@big.example', 'p' || i || '@big.example', (array['Ada', 'Åke', 'Zoë'])[1 + i * 3 / $2::int], 'Nummer ' || i, $3
			from generate_series(1, $2::int - 1) i returning id)
		insert into memberships (organization_id, user_id, user_type, created_at) select $1, id, 'user', $3 from made`, main.Organization.ID, more, d.Clock.Now())
	last := demotest.Rows[struct{ ID uuid.UUID }](t, d.System, "select id from users where email_key like '%@big.example' and first_name = 'Zoë' order by last_name desc limit 12")
	for _, row := range last {
		d.Exec(t, "insert into membership_permissions (organization_id, user_id, permission) values ($1, $2, 'view_reports')", main.Organization.ID, row.ID)
	}
	for i, row := range last[:11] {
		d.Exec(t, "insert into membership_contract_numbers (organization_id, user_id, contract_number_id, kind) values ($1, $2, $3, 'customer_number')", main.Organization.ID, row.ID, d.Number(t, "123456"))
		if i == 0 {
			d.Exec(t, "update memberships set user_type = 'main_user' where organization_id = $1 and user_id = $2", main.Organization.ID, row.ID)
		}
	}
	for _, test := range []struct {
		filter organization.Filter
		want   int
	}{
		{organization.Filter{Query: "zoe 2499"}, 1}, {organization.Filter{Query: "p2499@big"}, 1}, {organization.Filter{Query: "p2499@big.example.org"}, 0}, {organization.Filter{Query: "zo 2499"}, 1},
		{organization.Filter{Query: "zoe"}, more / 3}, {organization.Filter{Number: d.Number(t, "123456")}, 11},
		{organization.Filter{Number: d.Number(t, "123456"), Permission: account.ViewReports, Query: "zoe"}, 11}, {organization.Filter{UserType: account.MainUser}, 3}, {organization.Filter{Query: "nobody"}, 0},
		{organization.Filter{Query: "zoe", Lacking: true}, 1}, {organization.Filter{Query: "zoe", Unseen: true}, 0}, {organization.Filter{Unseen: true}, 0},
		{organization.Filter{Query: strings.Repeat("nummer ", 28)}, more - 1},
	} {
		found := names(t, d, main, test.filter)
		if len(found) != test.want {
			t.Errorf("%+v: %d, want %d", test.filter, len(found), test.want)
		}
		if !slices.IsSortedFunc(found, swedish(t, d)) {
			t.Errorf("%+v: not sorted", test.filter)
		}
		slices.Sort(found)
		if len(slices.Compact(found)) != len(found) {
			t.Errorf("%+v: somebody is found twice", test.filter)
		}
	}
	lacking := len(names(t, d, main, organization.Filter{Lacking: true}))
	if direct := demotest.Value[int](t, d.System, "select count(*) from lacking_people where organization_id = $1 and days @> $2::date", main.Organization.ID, account.Today(d.Clock.Now())); lacking != direct || lacking < 2 {
		t.Errorf("%d lack numbers, %d in the table", lacking, direct)
	}
	listing, err := organization.NewService(d.App, d.Clock.Now).List(t.Context(), main, organization.Filter{Query: "big.example"}, organization.Cursor{}, organization.Cursor{})
	if err != nil || !listing.People.Many || listing.People.Total != organization.MostCounted {
		t.Errorf("many are counted as %d, %t, %v", listing.People.Total, listing.People.Many, err)
	}
	listing, err = organization.NewService(d.App, d.Clock.Now).List(t.Context(), main, organization.Filter{}, organization.Cursor{}, organization.Cursor{})
	if err != nil || listing.People.Many || listing.People.Total != 65+more-1 {
		t.Errorf("all are counted as %d, %v", listing.People.Total, err)
	}
	exported := 0
	if err := organization.NewService(d.App, d.Clock.Now).Export(t.Context(), main, organization.Filter{Query: "big.example"}, func(organization.Exported) error { exported++; return nil }); err != nil || exported != more-1 {
		t.Errorf("%d are exported, %v", exported, err)
	}
}

// The list is cut while many write in it, and everybody is where the order of names has them.
func TestTheListIsCutInOrder(t *testing.T) {
	t.Parallel()
	d := demotest.New(t)
	main := d.Actor(t, demotest.MainUser, demotest.ExampleOy)
	const writers, parts, part = 4, 5, 100
	db := demotest.Open(t, d.AdminURL, postgres.Options{MaxConns: writers, Role: "portal_system"})
	var all sync.WaitGroup
	for writer := range writers {
		all.Go(func() {
			for i := range parts {
				first := (writer*parts + i) * part
				err := db.Exec(t.Context(), `with made as (
						insert into users (id, email, email_key, first_name, last_name, created_at)
						select md5('person ' || i)::uuid, 'p' || i || '@big.example', 'p' || i || '@big.example', (array['Ada', 'Åke', 'Zoë', 'Åsa'])[1 + i % 4], 'Nummer ' || i, $3
						from generate_series($2::int, $2::int + $4::int - 1) i returning id),
					members as (insert into memberships (organization_id, user_id, user_type, created_at) select $1, id, 'user', $3 from made)
					insert into membership_permissions (organization_id, user_id, permission) select $1, id, 'view_reports' from made`, main.Organization.ID, first, d.Clock.Now(), part)
				if err == nil {
					err = db.Exec(t.Context(), "update users set first_name = 'Ömer' where id in (select md5('person ' || i)::uuid from generate_series($1::int, $1::int + $2::int - 1, 20) i)", first, part)
				}
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	// Who is not alone leaves the cut to the next one; these are.
	d.Exec(t, `with made as (insert into users (id, email, email_key, first_name, last_name, created_at)
			select gen_random_uuid(), name || '@alone.example', name || '@alone.example', name, 'Nummer', now() from unnest(array['ada', 'åke', 'zoë', 'åsa', 'ömer']) name returning id)
		insert into memberships (organization_id, user_id, user_type, created_at) select $1, id, 'user', now() from made`, main.Organization.ID)
	if segments := demotest.Value[int](t, d.System, "select count(*) from people_segments where organization_id = $1", main.Organization.ID); segments < 2 {
		t.Errorf("%d segments", segments)
	}
	if crowded := demotest.Value[int](t, d.System, "select max(people) from (select count(*) as people from listed_people group by organization_id, segment) as counted"); crowded > 1800 {
		t.Errorf("%d in a segment", crowded)
	}
	inOrder := func() {
		t.Helper()
		for what, elsewhere := range map[string]string{
			"listed":  "select count(*) from listed_people l where segment <> (select s.id from people_segments s where s.organization_id = l.organization_id and s.from_name <= l.name order by s.from_name desc limit 1)",
			"lacking": "select count(*) from lacking_people k join listed_people l using (organization_id, user_id) where k.segment <> l.segment",
		} {
			if wrong := demotest.Value[int](t, d.System, elsewhere); wrong > 0 {
				t.Errorf("%s: %d stand elsewhere", what, wrong)
			}
		}
	}
	inOrder()
	for filter, want := range map[organization.Filter]int{{Query: "omer", Lacking: true}: writers * parts * part / 20, {Query: "zoe nummer", Permission: account.ViewReports}: writers * parts * part / 4} {
		if found := names(t, d, main, filter); len(found) != want {
			t.Errorf("%+v: %d, want %d", filter, len(found), want)
		}
	}
	// Nor does a segment begin with the name of somebody who is called something else now, or has left.
	const first = `select u.id from users u join listed_people l on l.user_id = u.id join people_segments s on s.organization_id = l.organization_id and s.from_name = l.name`
	d.Exec(t, "update memberships set ended_at = now() where user_id in ("+first+")")
	d.Exec(t, "update users set first_name = 'Bo' where id in ("+first+")")
	if left := demotest.Value[int](t, d.System, `select count(*) from people_segments s where from_name <> ''
		and not exists (select from listed_people l where l.organization_id = s.organization_id and l.name = s.from_name)`); left > 0 {
		t.Errorf("%d begin with somebody who is not there", left)
	}
	inOrder()
}

// swedish compares as the lists sort, by what the database says of all its names.
func swedish(t *testing.T, d *demotest.Data) func(a, b string) int {
	t.Helper()
	place := map[string]int{}
	for i, row := range demotest.Rows[struct{ Name string }](t, d.System, "select distinct name from listed_people order by name") {
		place[row.Name] = i
	}
	return func(a, b string) int { return place[a] - place[b] }
}

// The list knows at once who comes, changes and goes; nobody else's organisation is in it.
func TestTheListFollows(t *testing.T) {
	t.Parallel()
	d := demotest.New(t)
	main := d.Actor(t, demotest.MainUser, demotest.ExampleOy)
	total := func() int {
		listing, err := organization.NewService(d.App, d.Clock.Now).List(t.Context(), main, organization.Filter{}, organization.Cursor{}, organization.Cursor{})
		if err != nil {
			t.Fatal(err)
		}
		return listing.People.Total
	}
	d.Leave(t, demotest.PlainUser, demotest.ExampleOy)
	if total() != 64 || len(names(t, d, main, organization.Filter{Query: "peter lindholm"})) != 0 {
		t.Errorf("%d people", total())
	}
	d.Exec(t, "update memberships set ended_at = null where user_id = $1", d.User(t, demotest.PlainUser))
	if total() != 65 || len(names(t, d, main, organization.Filter{Query: "peter lindholm", Permission: account.CreateShipments})) != 1 {
		t.Errorf("%d people", total())
	}
	d.Exec(t, "delete from memberships where user_id = $1", d.User(t, demotest.PlainUser))
	if total() != 64 {
		t.Errorf("%d people", total())
	}
	other := d.Actor(t, demotest.OtherMain, demotest.Testbolaget)
	if found := names(t, d, other, organization.Filter{}); !slices.Equal(found, []string{"Maria Virtanen", "Oskar Lindqvist"}) {
		t.Errorf("of the other organisation: %q", found)
	}
	if found := names(t, d, other, organization.Filter{Query: "example"}); !slices.Equal(found, []string{"Maria Virtanen", "Oskar Lindqvist"}) {
		t.Errorf("of the other organisation: %q", found)
	}
	// What the table keeps is what listing anew would give.
	const kept = "select l::text as row from listed_people l union all select k::text from lacking_people k order by 1"
	before := demotest.Rows[struct{ Row string }](t, d.System, kept)
	d.Exec(t, "select list_people(organization_id, array_agg(user_id)) from memberships group by organization_id")
	if diff := cmp.Diff(before, demotest.Rows[struct{ Row string }](t, d.System, kept)); diff != "" {
		t.Error(diff)
	}
}

// The table of what permissions need is said in Go and, for the index, in SQL.
func TestNeedsAreTheSameInTheDatabase(t *testing.T) {
	t.Parallel()
	d := demotest.New(t)
	for _, permission := range account.Permissions() {
		needs := demotest.Value[[]account.Kind](t, d.System, "select coalesce(needed_kinds($1), '{}')", permission)
		want := permission.Needs()
		slices.Sort(needs)
		slices.Sort(want)
		if !slices.Equal(needs, want) {
			t.Errorf("%s needs %q, in the database %q", permission, want, needs)
		}
	}
}

func TestInvitationsAreFilteredToo(t *testing.T) {
	t.Parallel()
	d := demotest.New(t)
	main := d.Actor(t, demotest.MainUser, demotest.ExampleOy)
	organizations := organization.NewService(d.App, d.Clock.Now)
	if _, err := organizations.Invite(t.Context(), main, organization.NewInvitation{Email: "ÄRLA@example.com", Permissions: organization.Permissions{UserType: account.MainUser,
		Permissions: []account.Permission{account.ViewReports}}, Numbers: []uuid.UUID{d.Number(t, "123456")}}); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		filter organization.Filter
		want   int
	}{
		{organization.Filter{}, 13}, {organization.Filter{Query: "first last"}, 1}, {organization.Filter{Query: "akerlund"}, 1}, {organization.Filter{Query: "arla@"}, 1}, {organization.Filter{Query: "a%"}, 0},
		{organization.Filter{UserType: account.MainUser}, 1}, {organization.Filter{Permission: account.ViewReports}, 1}, {organization.Filter{Permission: account.TrackShipments}, 12},
		{organization.Filter{Number: d.Number(t, "123456")}, 1}, {organization.Filter{Number: d.Number(t, "654321")}, 0}, {organization.Filter{Unseen: true}, 0}, {organization.Filter{Lacking: true}, 0},
	} {
		listing, err := organizations.List(t.Context(), main, test.filter, organization.Cursor{}, organization.Cursor{})
		if err != nil || listing.Invitations.Total != test.want || len(listing.Invitations.Rows) != min(test.want, organization.PageSize) {
			t.Errorf("%+v: %d, %v", test.filter, listing.Invitations.Total, err)
		}
	}
}

// Of very many, whoever is looked for is found on every page, by the order of names and by the index; of one's own
// organisation alone.
func TestFindingAmongManyInvitations(t *testing.T) {
	t.Parallel()
	d := demotest.New(t)
	main := d.Actor(t, demotest.MainUser, demotest.ExampleOy)
	organizations := organization.NewService(d.App, d.Clock.Now)
	d.Exec(t, `insert into invitations (id, organization_id, email, email_key, first_name, last_name, user_type, invited_by, created_at, expires_at)
		select gen_random_uuid(), o.id, 'many' || i || '@example.org', 'many' || i || '@example.org', (array['Åke', 'Bertil', 'Cecilia', 'Örjan'])[1 + i % 4],
			case when i % 100 = 7 then 'Sällsynt' else 'Vanlig' end || i, case when i % 50 = 7 then 'main_user' else 'user' end, $1, now(), now() + interval '7 days'
		from organizations o, generate_series(1, 700) i`, d.User(t, demotest.MainUser))
	for _, filter := range []organization.Filter{
		{}, {Query: "sallsynt"}, {Query: "vanlig örjan"}, {Query: "ö"}, {Query: "many7@"}, {Query: "nobody"}, {UserType: account.MainUser}, {Query: "ake", UserType: account.MainUser},
		{Permission: account.TrackShipments},
	} {
		want := demotest.Rows[struct{ ID uuid.UUID }](t, d.System, `select i.id from invitations i where i.organization_id = $1 and i.accepted_at is null and i.withdrawn_at is null
			and i.searched like all (search_patterns($2)) and ($3 = '' or i.user_type = $3)
			and ($4 = '' or exists (select from invitation_permissions p where p.invitation_id = i.id and p.permission = $4)) order by i.name, i.id`,
			main.Organization.ID, filter.Query, filter.UserType, filter.Permission)
		var found []struct{ ID uuid.UUID }
		for after := (organization.Cursor{}); ; {
			listing, err := organizations.List(t.Context(), main, filter, organization.Cursor{}, after)
			if err != nil || listing.Invitations.Total != len(want) {
				t.Fatalf("%+v: %d of %d, %v", filter, listing.Invitations.Total, len(want), err)
			}
			for _, row := range listing.Invitations.Rows {
				found = append(found, struct{ ID uuid.UUID }{row.ID})
			}
			if after = listing.Invitations.Next; after == (organization.Cursor{}) {
				break
			}
		}
		if !slices.Equal(found, want) {
			t.Errorf("%+v: %d found, %d wanted, or in another order", filter, len(found), len(want))
		}
	}
}
