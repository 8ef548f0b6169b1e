package secretbox

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
)

func seal(t *testing.T, box *Box, plaintext, associated string) []byte {
	t.Helper()
	ciphertext, err := box.Seal([]byte(plaintext), []byte(associated))
	if err != nil {
		t.Fatal(err)
	}
	return ciphertext
}

func wantOpens(t *testing.T, box *Box, ciphertext []byte, associated, want string) {
	t.Helper()
	got, err := box.Open(ciphertext, []byte(associated))
	if err != nil || string(got) != want {
		t.Errorf("Open gives %q, %v; want %q", got, err, want)
	}
}

func create(t *testing.T) (box *Box, path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "keyset.json")
	box, err := Create(path)
	if err != nil {
		t.Fatal(err)
	}
	return box, path
}

func load(t *testing.T, path string) *Box {
	t.Helper()
	box, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	return box
}

func TestSealedValueOpensInItsPlaceOnly(t *testing.T) {
	box, _ := create(t)
	ciphertext := seal(t, box, "opp_secret", "key 1")
	if bytes.Contains(ciphertext, []byte("opp_secret")) {
		t.Error("the ciphertext holds the plaintext")
	}
	if bytes.Equal(ciphertext, seal(t, box, "opp_secret", "key 1")) {
		t.Error("sealing twice gives the same bytes")
	}
	wantOpens(t, box, ciphertext, "key 1", "opp_secret")

	other, _ := create(t)
	damaged := bytes.Clone(ciphertext)
	damaged[len(damaged)-1] ^= 1
	for name, tt := range map[string]struct {
		box        *Box
		ciphertext []byte
		associated string
	}{
		"another place":  {box, ciphertext, "key 2"},
		"no place":       {box, ciphertext, ""},
		"another keyset": {other, ciphertext, "key 1"},
		"damaged":        {box, damaged, "key 1"},
		"cut short":      {box, ciphertext[:10], "key 1"},
		"empty":          {box, nil, "key 1"},
	} {
		if _, err := tt.box.Open(tt.ciphertext, []byte(tt.associated)); !errors.Is(err, ErrOpen) {
			t.Errorf("%s: got %v, want ErrOpen", name, err)
		}
	}
}

func TestLoadGivesTheSameKeys(t *testing.T) {
	box, path := create(t)
	wantOpens(t, load(t, path), seal(t, box, "a", "b"), "b", "a")
}

func TestParseTakesAValue(t *testing.T) {
	keysetJSON, err := Generate()
	if err != nil {
		t.Fatal(err)
	}
	box, err := Parse(keysetJSON)
	if err != nil {
		t.Fatal(err)
	}
	before := seal(t, box, "a", "b")
	rotated, err := Rotated(keysetJSON)
	if err != nil {
		t.Fatal(err)
	}
	box, err = Parse(append([]byte(" "), rotated...))
	if err != nil {
		t.Fatal(err)
	}
	wantOpens(t, box, before, "b", "a")
	if box.IsCurrent(before) || !box.IsCurrent(seal(t, box, "a", "b")) {
		t.Error("the added key is not the one that seals")
	}
}

func TestMissingAndExisting(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "keyset.json")
	if _, err := Load(missing); !errors.Is(err, ErrMissing) || !strings.Contains(err.Error(), missing) {
		t.Errorf("Load: %v", err)
	}
	if err := Rotate(missing); !errors.Is(err, ErrMissing) {
		t.Errorf("Rotate: %v", err)
	}
	if _, err := os.Lstat(missing); !errors.Is(err, os.ErrNotExist) {
		t.Error("asking for a keyset has made one")
	}

	_, path := create(t)
	before := read(t, path)
	if _, err := Create(path); !errors.Is(err, ErrExists) {
		t.Errorf("Create: %v", err)
	}
	if !bytes.Equal(before, read(t, path)) {
		t.Error("Create has changed a keyset that was there")
	}
	if _, err := Create(filepath.Join(missing, "keyset.json")); err == nil {
		t.Error("Create in a folder that is not there succeeds")
	}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func TestFileIsItsOwnersOnly(t *testing.T) {
	_, path := create(t)
	wantMode := func() {
		t.Helper()
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode() != 0o600 {
			t.Errorf("mode %v, want 0600", info.Mode())
		}
	}
	wantMode()
	if err := Rotate(path); err != nil {
		t.Fatal(err)
	}
	wantMode()
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 1 {
		t.Errorf("files are left beside the keyset: %v", entries)
	}
}

func TestRotationByRootKeepsTheOwner(t *testing.T) {
	_, path := create(t)
	owner := uint32(os.Geteuid())
	if owner == 0 {
		owner = 65534
		if err := os.Chown(path, int(owner), int(owner)); err != nil {
			t.Fatal(err)
		}
	}
	if err := Rotate(path); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := info.Sys().(*syscall.Stat_t).Uid; got != owner {
		t.Errorf("the keyset belongs to %d, want %d", got, owner)
	}
}

func TestRunningBoxNoticesRotation(t *testing.T) {
	running, path := create(t)
	old := seal(t, running, "old", "place")
	if !running.IsCurrent(old) {
		t.Error("what was just sealed is not current")
	}
	if err := Rotate(path); err != nil {
		t.Fatal(err)
	}
	if running.IsCurrent(old) {
		t.Error("what the older key sealed is still current")
	}
	fresh := seal(t, load(t, path), "new", "place")
	wantOpens(t, running, fresh, "place", "new")
	wantOpens(t, running, old, "place", "old")
	sealed := seal(t, running, "new", "place")
	oldID, _ := KeyID(old)
	newID, ok := KeyID(sealed)
	if !ok || newID == oldID || newID != running.CurrentKeyID() {
		t.Errorf("sealed with key %d after %d, current is %d", newID, oldID, running.CurrentKeyID())
	}
}

func TestRunningBoxOutlivesItsFile(t *testing.T) {
	running, path := create(t)
	sealed := seal(t, running, "a", "b")
	if err := os.WriteFile(path, []byte("damaged"), 0o600); err != nil {
		t.Fatal(err)
	}
	wantOpens(t, running, sealed, "b", "a")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	wantOpens(t, running, sealed, "b", "a")
}

func TestRotationsAtOnceLoseNoKey(t *testing.T) {
	const rotations = 16
	_, path := create(t)
	var group sync.WaitGroup
	var errs [rotations]error
	for i := range rotations {
		group.Go(func() { errs[i] = Rotate(path) })
	}
	group.Wait()
	if err := errors.Join(errs[:]...); err != nil {
		t.Fatal(err)
	}
	handle, err := readKeyset(read(t, path))
	if err != nil {
		t.Fatal(err)
	}
	if handle.Len() != 1+rotations {
		t.Errorf("%d rotations of a keyset of one key leave %d", rotations, handle.Len())
	}
}

func TestKeyIDOfForeignBytes(t *testing.T) {
	for _, ciphertext := range [][]byte{nil, {1, 2, 3, 4}, {0, 1, 2, 3, 4, 5}} {
		if id, ok := KeyID(ciphertext); ok {
			t.Errorf("KeyID(%v) = %d", ciphertext, id)
		}
	}
}

func TestErrorsSayNothingOfKeys(t *testing.T) {
	const material = "SECRETKEYMATERIAL"
	path := filepath.Join(t.TempDir(), "keyset.json")
	for _, content := range []string{
		"", material, `{"primaryKeyId": "` + material + `"}`, `{"` + material + `": 1}`, `{"key": [{"keyData": {"value": "` + material + `"}}]}`,
	} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		_, parseErr := Parse([]byte(content))
		_, loadErr := Load(path)
		for _, err := range []error{parseErr, loadErr, Rotate(path)} {
			if err == nil || strings.Contains(err.Error(), material) {
				t.Errorf("%q gives %v", content, err)
			}
		}
		if string(read(t, path)) != content {
			t.Errorf("%q was replaced", content)
		}
	}
}
