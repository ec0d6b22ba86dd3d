package awsapi_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/less-go/less/internal/awsapi"
)

func TestGuardKeepsWebPagesAway(t *testing.T) {
	h := awsapi.Guard(awsapi.NewHandler(awsapi.Options{}, parcels(accept)))
	for _, tt := range []struct {
		host, header, value string
		status              int
	}{
		{"localhost:4566", "", "", 200},
		{"LOCALHOST", "", "", 200},
		{"127.0.0.1:1", "", "", 200},
		{"[::1]:4566", "", "", 200},
		{"sqs.us-east-1.localhost:4566", "", "", 200},
		{"localhost", "Sec-Fetch-Site", "none", 200},
		{"", "", "", 403},
		{"evil.com", "", "", 403},
		{"evil.com:4566", "", "", 403},
		{"localhost.evil.com", "", "", 403},
		{"127.0.0.1.nip.io", "", "", 403},
		{"127.0.0.2", "", "", 403},
		{"0.0.0.0", "", "", 403},
		{"localhost.", "", "", 403},
		{"notlocalhost", "", "", 403},
		{".localhost", "", "", 403},
		{"user@localhost", "", "", 403},
		{"user@a.localhost", "", "", 403},
		{"evil.com#.localhost", "", "", 403},
		{"localhost:4566:4566", "", "", 403},
		{"localhost:evil", "", "", 403},
		{"localhost", "Origin", "https://evil.com", 403},
		{"localhost", "Origin", "null", 403},
		{"localhost", "Origin", "http://localhost:3333", 403},
		{"localhost", "Sec-Fetch-Site", "cross-site", 403}, // an <img> sends no Origin
		{"localhost", "Sec-Fetch-Site", "same-site", 403},
	} {
		r := formRequest("/", "Action=Send")
		r.Host = tt.host
		if tt.header != "" {
			r.Header.Set(tt.header, tt.value)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != tt.status {
			t.Errorf("Host %q, %s %q: status %d, want %d", tt.host, tt.header, tt.value, w.Code, tt.status)
		}
		if w.Code == http.StatusForbidden && w.Body.Len() == 0 {
			t.Errorf("Host %q: refused without a word", tt.host)
		}
	}
}
