package fanout_test

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awssns "github.com/aws/aws-sdk-go-v2/service/sns"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/less-go/less/internal/awsapi"
	"github.com/less-go/less/internal/awsapi/awsapitest"
	"github.com/less-go/less/internal/queue"
	"github.com/less-go/less/internal/sns"
	"github.com/less-go/less/internal/sqs"
)

const (
	publishers = 8
	queues     = 4 // subscribed to the topic, raw
	receivers  = 2 // for each queue
	size       = 1024
	round      = 500 // publishes that one world gets before it is the other's turn
)

// BenchmarkFanout publishes b.N messages of 1 kB from 8 goroutines to a topic
// with 4 queues, each with 2 long-polling receivers that delete what they get,
// all through the AWS SDK over loopback HTTP. It does so to the engine's SNS and
// SQS over a durable store and, in turn, to a stand-in that keeps its messages in
// memory and speaks the same protocols. A publish counts when all its copies are
// received and deleted; ms are from before Publish until a receiver has the message.
func BenchmarkFanout(b *testing.B) {
	durable := newWorld(b, services(b))
	memory := newWorld(b, newStandIn())
	for _, w := range []*world{durable, memory} {
		w.run(b, round) // warm
		w.spent, w.latencies = 0, nil
	}
	b.ResetTimer()
	for left := b.N; left > 0; left -= round {
		n := min(left, round)
		durable.run(b, n)
		memory.run(b, n)
	}
	b.StopTimer()
	rate := func(w *world) float64 { return float64(b.N) / w.spent.Seconds() }
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(rate(durable), "publishes/s")
	b.ReportMetric(rate(memory), "memory/s")
	b.ReportMetric(rate(durable)/rate(memory), "ratio")
	b.ReportMetric(durable.percentile(50), "ms-p50")
	b.ReportMetric(durable.percentile(99), "ms-p99")
	b.ReportMetric(memory.percentile(50), "memory-ms-p50")
}

// services returns the engine's SNS and SQS over a store on disk.
func services(b *testing.B) http.Handler {
	b.Helper()
	store, err := queue.Open(b.Context(), filepath.Join(b.TempDir(), "queues.db"), queue.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { store.Close() })
	topic := sns.Topic{Name: "orders"}
	for i := range queues {
		spec := queue.Spec{Name: queueName(i), Visibility: 30 * time.Second, Retention: time.Hour}
		if err := store.Ensure(b.Context(), spec); err != nil {
			b.Fatal(err)
		}
		topic.Subscriptions = append(topic.Subscriptions, sns.Subscription{Queue: spec.Name, Raw: true})
	}
	publish, err := sns.New(b.Context(), store, sns.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { publish.Close(context.Background()) })
	publish.SetTopics([]sns.Topic{topic})
	return awsapi.NewHandler(awsapi.Options{}, publish.API(), sqs.New(store).API())
}

func queueName(i int) string { return fmt.Sprint("orders-", i) }

// A world is a server and those who use it.
type world struct {
	sns *awssns.Client
	sqs *awssqs.Client
	url string

	began  [round]atomic.Int64 // when the publishes of a round began, in nanoseconds
	copies chan struct{}       // one for each copy that was deleted

	spent     time.Duration
	mu        sync.Mutex
	latencies []time.Duration
}

func newWorld(b *testing.B, h http.Handler) *world {
	b.Helper()
	ctx, stop := context.WithCancel(context.Background())
	server := httptest.NewUnstartedServer(nil)
	server.Config = awsapi.NewServer(ctx, h)
	server.Start()
	transport := &http.Transport{MaxIdleConnsPerHost: 2 * (publishers + queues*receivers)}
	region, url, client := "us-east-1", server.URL, &http.Client{Transport: transport}
	credentials := awsapitest.Key("test")
	w := &world{
		url:    url,
		sns:    awssns.New(awssns.Options{Region: region, BaseEndpoint: &url, HTTPClient: client, Credentials: credentials}),
		sqs:    awssqs.New(awssqs.Options{Region: region, BaseEndpoint: &url, HTTPClient: client, Credentials: credentials}),
		copies: make(chan struct{}, round*queues),
	}
	var receiving sync.WaitGroup
	for i := range queues {
		for range receivers {
			receiving.Go(func() {
				for ctx.Err() == nil {
					if err := w.receive(ctx, w.url+"/"+awsapi.Account+"/"+queueName(i)); err != nil && ctx.Err() == nil {
						b.Error(err)
						return
					}
				}
			})
		}
	}
	b.Cleanup(func() {
		stop()
		receiving.Wait()
		transport.CloseIdleConnections()
		server.Close()
	})
	return w
}

// receive takes up to ten messages from a queue, and deletes them.
func (w *world) receive(ctx context.Context, queueURL string) error {
	got, err := w.sqs.ReceiveMessage(ctx, &awssqs.ReceiveMessageInput{QueueUrl: &queueURL, MaxNumberOfMessages: 10, WaitTimeSeconds: 20})
	if err != nil || len(got.Messages) == 0 {
		return err
	}
	now := time.Now().UnixNano()
	var latencies []time.Duration
	in := &awssqs.DeleteMessageBatchInput{QueueUrl: &queueURL}
	for i, m := range got.Messages {
		latencies = append(latencies, time.Duration(now-w.began[index(*m.Body)].Load()))
		in.Entries = append(in.Entries, types.DeleteMessageBatchRequestEntry{Id: aws.String(fmt.Sprint(i)), ReceiptHandle: m.ReceiptHandle})
	}
	deleted, err := w.sqs.DeleteMessageBatch(ctx, in)
	if err != nil {
		return err
	}
	if len(deleted.Failed) > 0 {
		return fmt.Errorf("%s was not deleted: %s", *deleted.Failed[0].Id, *deleted.Failed[0].Code)
	}
	w.mu.Lock()
	w.latencies = append(w.latencies, latencies...)
	w.mu.Unlock()
	for range deleted.Successful {
		w.copies <- struct{}{}
	}
	return nil
}

// run publishes n messages and waits until nothing is left of them.
func (w *world) run(b *testing.B, n int) {
	b.Helper()
	var next atomic.Int64
	var publishing sync.WaitGroup
	began := time.Now()
	for range publishers {
		publishing.Go(func() {
			for i := next.Add(1) - 1; i < int64(n); i = next.Add(1) - 1 {
				w.began[i].Store(time.Now().UnixNano())
				in := &awssns.PublishInput{TopicArn: aws.String(awsapi.LocalARN("sns", "us-east-1", "orders")), Message: aws.String(message(int(i)))}
				if _, err := w.sns.Publish(b.Context(), in); err != nil {
					b.Error(err)
				}
			}
		})
	}
	publishing.Wait()
	if b.Failed() {
		b.FailNow()
	}
	for range n * queues {
		<-w.copies
	}
	w.spent += time.Since(began)
}

// message is a text of 1 kB that says which message of its round it is.
func message(i int) string {
	number := hex.EncodeToString(binary.BigEndian.AppendUint32(nil, uint32(i)))
	return number + strings.Repeat("x", size-len(number))
}

func index(message string) int {
	number, err := hex.DecodeString(message[:8])
	if err != nil {
		panic(err)
	}
	return int(binary.BigEndian.Uint32(number))
}

// percentile returns what p percent of the messages took at most, in ms.
func (w *world) percentile(p int) float64 {
	slices.Sort(w.latencies)
	return w.latencies[(len(w.latencies)-1)*p/100].Seconds() * 1e3
}
