package awsapi

import (
	"bytes"
	"errors"
	"mime"
	"net/http"
	"net/url"
	"strings"
)

// A form is the fields of a request in their order. Of two with the same name
// the first counts.
type form []pair

// A pair is one field. Its name is a path: Entries.member.1.Id.
type pair struct {
	name, value string
	number      int // what the part of the name that is looked at says, see elements
}

const formType = "application/x-www-form-urlencoded"

var errSemicolon = errors.New("semicolon in a form")

// parse returns f with the fields of encoded after its own.
func (f form) parse(encoded string) (form, error) {
	for encoded != "" {
		var one string
		if one, encoded, _ = strings.Cut(encoded, "&"); one == "" {
			continue
		}
		if strings.Contains(one, ";") {
			return nil, errSemicolon // as in net/url
		}
		name, value, _ := strings.Cut(one, "=")
		name, err := url.QueryUnescape(name)
		if err != nil {
			return nil, err
		}
		if value, err = url.QueryUnescape(value); err != nil {
			return nil, err
		}
		f = append(f, pair{name: name, value: value})
	}
	return f, nil
}

// readForm returns the fields of a form in r's body, and then those of its query string.
func readForm(r *http.Request, body []byte) (form, *Error) {
	fields := strings.Count(r.URL.RawQuery, "&") + bytes.Count(body, []byte("&"))
	if fields > MaxFields {
		return nil, Errorf("MalformedQueryString", "The request has %d fields, more than the %d that any action can use.", fields, MaxFields)
	}
	f := make(form, 0, fields+3) // one more than there are separators, and a path
	var err error
	if isForm(r.Header.Get("Content-Type")) {
		if f, err = f.parse(string(body)); err != nil {
			return nil, Errorf("MalformedQueryString", "The form is malformed.")
		}
	}
	if f, err = f.parse(r.URL.RawQuery); err != nil {
		return nil, Errorf("MalformedQueryString", "The query string is malformed.")
	}
	return f, nil
}

func isForm(contentType string) bool {
	if contentType == formType {
		return true
	}
	mediaType, _, _ := mime.ParseMediaType(contentType)
	return mediaType == formType
}

// find returns the value of the field called name.
func (f form) find(name string) (value string, found bool) {
	for i := range f {
		if f[i].name == name {
			return f[i].value, true
		}
	}
	return "", false
}

func (f form) get(name string) string {
	value, _ := f.find(name)
	return value
}
