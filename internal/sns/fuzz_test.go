package sns_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/less-go/less/internal/activity"
	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/sns"
)

// FuzzPublish checks that a publish is either refused or reported, whatever it
// has in it.
func FuzzPublish(f *testing.F) {
	f.Add(orders, "x", "subject", "name", "String", "value")
	f.Add("arn:aws:sns:::", "", "\n", "a.b", "Binary", "AA==")
	f.Add(orders, "\ufffe", "", "..", "Number", "1e999")
	f.Fuzz(func(t *testing.T, topic, message, subject, name, kind, value string) {
		published := 0
		service := sns.New(forgetful{}, func(e activity.Event) {
			if e.Kind == activity.Publish {
				published++
			}
		})
		service.SetTopics(shopTopics())
		form := url.Values{
			"Action": {"Publish"}, "TopicArn": {topic}, "Message": {message}, "Subject": {subject},
			"MessageAttributes.entry.1.Name":              {name},
			"MessageAttributes.entry.1.Value.DataType":    {kind},
			"MessageAttributes.entry.1.Value.StringValue": {value},
			"MessageAttributes.entry.1.Value.BinaryValue": {value},
		}
		r := httptest.NewRequest(http.MethodPost, "http://localhost/", strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		awsapi.NewHandler(awsapi.Options{}, service.API()).ServeHTTP(w, r)
		if (w.Code == http.StatusOK) != (published == 1) || w.Code >= 500 {
			t.Errorf("status %d with %d published: %s", w.Code, published, w.Body)
		}
	})
}
