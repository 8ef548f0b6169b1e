package login

// encoding is that of a plain form, unless it carries what may be much.
func (m Page) encoding() string {
	if len(m.Carried) > 0 {
		return "multipart/form-data"
	}
	return "application/x-www-form-urlencoded"
}
