package sns_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awssns "github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sns/types"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/awsapi/awsapitest"
	"github.com/less-go/less/internal/queue"
	"github.com/less-go/less/internal/sns"
)

// BenchmarkPublish publishes 1 kB with eight attributes from 8 goroutines
// through the SDK to a topic with 4 raw subscriptions. "memory" is the same
// service over a store that forgets, "wire" a server that knows nothing but how
// the answer looks. The ratios are durable publishes per second to theirs.
func BenchmarkPublish(b *testing.B) {
	store, err := queue.Open(b.Context(), filepath.Join(b.TempDir(), "queues.db"), queue.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer store.Close()
	topic := sns.Topic{Name: "shop-orders"}
	for i := range 4 {
		name := fmt.Sprint("q", i)
		if err := store.Ensure(b.Context(), queue.Spec{Name: name, Visibility: 30 * time.Second, Retention: time.Hour}); err != nil {
			b.Fatal(err)
		}
		topic.Subscriptions = append(topic.Subscriptions, sns.Subscription{Queue: name, Raw: true})
	}
	over := func(store sns.Store) http.Handler {
		service, err := sns.New(b.Context(), store, sns.Options{})
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { service.Close(context.Background()) })
		service.SetTopics([]sns.Topic{topic})
		return awsapi.NewHandler(awsapi.Options{}, service.API())
	}
	wire := publishAll(b, http.HandlerFunc(answerOnly))
	memory := publishAll(b, over(forgetful{}))
	durable := publishAll(b, over(store))
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(b.N)/durable.Seconds(), "publishes/s")
	b.ReportMetric(memory.Seconds()/durable.Seconds(), "of-memory")
	b.ReportMetric(wire.Seconds()/durable.Seconds(), "of-wire")
}

// publishAll returns how long b.N publishes to h take.
func publishAll(b *testing.B, h http.Handler) time.Duration {
	server := awsapitest.Serve(b, h)
	defer server.Close()
	server.Client().Transport.(*http.Transport).MaxIdleConnsPerHost = 8
	client := newClient(server)
	in := &awssns.PublishInput{TopicArn: aws.String(orders), Message: aws.String(strings.Repeat("x", 1024)), MessageAttributes: map[string]types.MessageAttributeValue{}}
	for i := range 8 {
		in.MessageAttributes[fmt.Sprint("ce-attribute", i)] = text("1c1a2f3e-4d5c-6b7a-8899-aabbccddeeff")
	}
	work := make(chan struct{}, b.N)
	for range b.N {
		work <- struct{}{}
	}
	close(work)
	start := time.Now()
	var publishers sync.WaitGroup
	for range 8 {
		publishers.Go(func() {
			for range work {
				if _, err := client.Publish(b.Context(), in); err != nil {
					b.Error(err)
				}
			}
		})
	}
	publishers.Wait()
	return time.Since(start)
}

func answerOnly(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	if form, err := url.ParseQuery(string(body)); err != nil || form.Get("Action") != "Publish" {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "text/xml")
	io.WriteString(w, `<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>1</MessageId></PublishResult>`+
		`<ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></PublishResponse>`)
}

// A forgetful store has every queue, takes everything and keeps nothing.
type forgetful struct{ sns.Store }

func (forgetful) Queue(string) (queue.Info, bool) { return queue.Info{}, true }

func (forgetful) Queues(context.Context) ([]queue.Spec, error) { return nil, nil }

func (forgetful) Documents(context.Context, string) ([]queue.Document, error) { return nil, nil }

func (forgetful) Send(_ context.Context, entries ...queue.Entry) ([]queue.Sent, error) {
	return make([]queue.Sent, len(entries)), nil
}
