package awsapi_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/less-go/less/internal/awsapi"
)

// Requests that wait take their room. What comes when there is none is refused in
// the words of its protocol and not acted on, and has room again once others have ended.
func TestMoreThanThereIsRoomForIsThrottled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		var mu sync.Mutex
		sent := 0
		h := awsapi.NewHandler(awsapi.Options{Load: 100 << 10}, parcels(func(context.Context, *parcelInput) error {
			mu.Lock()
			sent++
			mu.Unlock()
			<-release
			return nil
		}))
		var waiting sync.WaitGroup
		for range 3 { // of 32 kB at least
			waiting.Go(func() {
				if w := serve(t, h, jsonRequest("Send", `{}`)); w.Code != http.StatusOK {
					t.Errorf("one that has room gets %d %s", w.Code, w.Body)
				}
			})
		}
		synctest.Wait()
		for name, r := range map[string]*http.Request{
			"parcels#ThrottlingException": jsonRequest("Send", `{}`),
			"<Code>Throttling</Code>":     formRequest("/", "Action=Send&Version=2020-02-02"),
		} {
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), name) || !strings.Contains(w.Body.String(), "Rate exceeded") {
				t.Errorf("too much gets %d %s, want %s", w.Code, w.Body, name)
			}
		}
		close(release)
		waiting.Wait()
		if w := serve(t, h, jsonRequest("Send", `{}`)); w.Code != http.StatusOK {
			t.Errorf("afterwards: %d %s", w.Code, w.Body)
		}
		if sent != 4 {
			t.Errorf("%d requests were acted on, want 4", sent)
		}
	})
}
