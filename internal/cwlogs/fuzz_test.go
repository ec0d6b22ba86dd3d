package cwlogs_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/cwlogs"
)

// FuzzTokens checks that any token is refused, or leads to some of the lines and
// to tokens that are good.
func FuzzTokens(f *testing.F) {
	zeros := strings.Repeat("0", 56)
	f.Add("f/"+zeros+"/s", uint8(1))
	f.Add("b/"+strings.Repeat("9", 56)+"/s", uint8(2))
	f.Add("MDE3", uint8(0))
	service, err := cwlogs.New(f.Context(), files{chargeID: {said(noon, time.Second, numbered(5)...)}}, openStore(f))
	if err != nil {
		f.Fatal(err)
	}
	service.SetFunctions([]cwlogs.Function{function})
	h := awsapi.NewHandler(awsapi.Options{}, service.API())
	ask := func(t *testing.T, action string, in any) (int, []byte) {
		body, err := json.Marshal(in)
		if err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequest(http.MethodPost, "http://localhost/", strings.NewReader(string(body)))
		r.Header.Set("X-Amz-Target", "Logs_20140328."+action)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Code, w.Body.Bytes()
	}
	f.Fuzz(func(t *testing.T, token string, limit uint8) {
		in := map[string]any{"logGroupName": chargeGroup, "nextToken": token, "limit": 1 + int(limit)}
		if code, body := ask(t, "FilterLogEvents", in); code != http.StatusOK && code != http.StatusBadRequest {
			t.Errorf("FilterLogEvents: %d %s", code, body)
		}
		in["logStreamName"] = dayStream(0)
		for range 3 {
			code, body := ask(t, "GetLogEvents", in)
			if code == http.StatusBadRequest && in["nextToken"] == token {
				return
			}
			var out cwlogs.GetLogEventsOutput
			if err := json.Unmarshal(body, &out); code != http.StatusOK || err != nil || len(out.Events) > min(5, 1+int(limit)) {
				t.Fatalf("GetLogEvents with %s: %d %s", in["nextToken"], code, body)
			}
			in["nextToken"] = out.NextForwardToken
			if limit%2 == 0 {
				in["nextToken"] = out.NextBackwardToken
			}
		}
	})
}
