package awsapi_test

import (
	"fmt"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/less-go/less/internal/awsapi"
)

// BenchmarkQuery answers a request of the size of a Publish with eight attributes,
// without the network.
func BenchmarkQuery(b *testing.B) {
	form := "Action=Send&Version=2020-02-02&ParcelUrl=box&Text=" + url.QueryEscape(strings.Repeat(`{"id":"5d976016"},`, 10))
	for i := range 8 {
		form += fmt.Sprintf("&Details.entry.%d.Name=name-%d&Details.entry.%d.Value.Id=%s&Details.entry.%d.Value.Bytes=AAE%%3D", i, i, i, "1c1a2f3e-4d5c-6b7a-8899-aabbccddeeff", i)
	}
	h := awsapi.NewHandler(awsapi.Options{}, parcels(accept))
	b.ReportAllocs()
	for b.Loop() {
		h.ServeHTTP(httptest.NewRecorder(), formRequest("/", form))
	}
}
