package awsapi

import (
	"net/http"
	"net/url"
)

// A Signature is what a request's signature says: who signed, and for what. It is zero
// for a request without one.
type Signature struct {
	AccessKey, Region, Service string
}

// SignatureOf reads the signature of r, in its header or in its query, for services
// that answer requests themselves. The error is that of what is no signature.
func SignatureOf(r *http.Request) (Signature, *Error) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return Signature{}, Errorf("MalformedQueryString", "The query string is malformed.")
	}
	s, refusal := scopeOf(r, query)
	return Signature{s.accessKey, s.region, s.service}, refusal
}
