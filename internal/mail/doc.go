// Package mail sends the portal's letters: invitations, links to choose a new password, word of what happened.
//
// Send writes a letter and the job that delivers it in the transaction of what causes it, so that a crash loses none and
// no page waits for a mail server. Single letters go before a mass of them. A delivery that fails is tried again, ever more slowly; at last the mail is marked as
// failed, with the reason, for portal mail list. What a letter says is sealed in the database, because it may hold a link
// that opens something, and wiped once delivered; the demo set-ups keep it, to show it on the page Utkorg.
//
// A kind of letter is its words in the catalogues, in the receiver's language:
//
//	mail.KIND.subject   one line
//	mail.KIND.text      paragraphs, with an empty line between
//	mail.KIND.button    what the link says, if there is one
//
// They are filled with the letter's arguments. Links begin with the portal's own address, whatever a request said.
package mail
