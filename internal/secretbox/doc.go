// Package secretbox encrypts the few values that the database keeps and must be able to give out again, such as an API
// key. It is Tink's AEAD (AES-256-GCM) with a keyset of our own that lives outside the database: in a file, which only
// its owner reads, or in a variable.
//
// A value is bound to its place: Open wants the same associated data as Seal had, so that a ciphertext copied to
// another row cannot be opened there.
//
// Rotation adds a key that new values are sealed with; the older ones go on opening theirs. A running portal notices
// that the file has changed. What is not yet sealed with the newest key is found with Box.IsCurrent.
//
// Losing the keyset loses the values, so that a new one is never made silently: Create and Load are different
// questions, and whoever starts the portal decides which one to ask. No error says anything of a key.
package secretbox
