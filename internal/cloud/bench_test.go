package cloud_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/less-go/less/internal/cloud"
	"github.com/less-go/less/internal/event"
)

// BenchmarkPublish is what one publication costs a function's process, and a
// server that does next to nothing.
func BenchmarkPublish(b *testing.B) {
	aws := cloud.New(environment("AWS_ENDPOINT_URL", startBare(b)))
	e := event.Outgoing{
		Topic: "order_placed",
		Body:  []byte(`{"id":"5d976016-b188-4282-b6ad-7b6d039133af","customer":"Cesaria","items":["cachupa"],"simulate":"confirm"}`),
		Attributes: map[string]string{
			event.ID: "01926b1e-0000-7000-8000-000000000000", event.SpecVersion: "1.0", event.Type: "order_placed",
			event.Source: "/apis/orders/orders/post", event.Time: "2026-11-25T03:41:22.000Z",
			event.CorrelationID: "01926b1e-0000-7000-8000-000000000000",
			event.TraceParent:   "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
		},
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := aws.Publish(b.Context(), e); err != nil {
			b.Fatal(err)
		}
	}
}

// startBare answers every request the same, without looking at it.
func startBare(b *testing.B) (endpoint string) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { l.Close() })
	answer := fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nDate: %s\r\nContent-Length: %d\r\n\r\n%s",
		time.Now().UTC().Format(http.TimeFormat), len(published), published)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				r := bufio.NewReader(c)
				for {
					request, err := http.ReadRequest(r)
					if err != nil {
						return
					}
					if _, err := io.Copy(io.Discard, request.Body); err != nil {
						return
					}
					if _, err := io.WriteString(c, answer); err != nil {
						return
					}
				}
			}()
		}
	}()
	return "http://" + l.Addr().String()
}
