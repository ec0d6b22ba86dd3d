package fanout_test

import (
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"sync"
	"time"

	"github.com/google/uuid"
)

// A standIn answers as SNS and SQS do and keeps messages in memory: what the
// protocols, the SDK and the network cost without a durable queue.
type standIn struct {
	queues map[string]*memoryQueue
}

// A memoryQueue is first in, first out.
type memoryQueue struct {
	mu       sync.Mutex
	waiting  []memoryMessage
	inFlight map[string]memoryMessage // by receipt
	arrived  chan struct{}            // holds one token where somebody should look
}

type memoryMessage struct {
	MessageID     string `json:"MessageId"`
	ReceiptHandle string
	MD5OfBody     string
	Body          string
}

func newStandIn() *standIn {
	s := &standIn{queues: map[string]*memoryQueue{}}
	for i := range queues {
		s.queues[queueName(i)] = &memoryQueue{inFlight: map[string]memoryMessage{}, arrived: make(chan struct{}, 1)}
	}
	return s
}

func (s *standIn) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	switch r.Header.Get("X-Amz-Target") {
	case "":
		s.publish(w, body)
	case "AmazonSQS.ReceiveMessage":
		s.receive(w, r, body)
	case "AmazonSQS.DeleteMessageBatch":
		s.delete(w, body)
	}
}

func (s *standIn) publish(w http.ResponseWriter, body []byte) {
	form, err := url.ParseQuery(string(body))
	if err != nil || form.Get("Action") != "Publish" {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	for _, q := range s.queues {
		q.add(form.Get("Message"))
	}
	w.Header().Set("Content-Type", "text/xml")
	_, _ = io.WriteString(w, `<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>`+uuid.NewString()+
		`</MessageId></PublishResult><ResponseMetadata><RequestId>`+uuid.NewString()+`</RequestId></ResponseMetadata></PublishResponse>`)
}

func (s *standIn) receive(w http.ResponseWriter, r *http.Request, body []byte) {
	var in struct {
		QueueURL            string `json:"QueueUrl"`
		MaxNumberOfMessages int
		WaitTimeSeconds     int
	}
	if err := json.Unmarshal(body, &in); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	q := s.queues[path.Base(in.QueueURL)]
	var out struct {
		Messages []memoryMessage `json:",omitempty"`
	}
	end := time.NewTimer(time.Duration(in.WaitTimeSeconds) * time.Second)
	defer end.Stop()
	for out.Messages = q.take(in.MaxNumberOfMessages); len(out.Messages) == 0; out.Messages = q.take(in.MaxNumberOfMessages) {
		select {
		case <-q.arrived:
			continue
		case <-end.C:
		case <-r.Context().Done():
		}
		break
	}
	answer(w, out)
}

func (s *standIn) delete(w http.ResponseWriter, body []byte) {
	var in struct {
		QueueURL string `json:"QueueUrl"`
		Entries  []struct {
			ID            string `json:"Id"`
			ReceiptHandle string
		}
	}
	if err := json.Unmarshal(body, &in); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	type result struct {
		ID string `json:"Id"`
	}
	var out struct {
		Successful []result
		Failed     []result
	}
	q := s.queues[path.Base(in.QueueURL)]
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, e := range in.Entries {
		delete(q.inFlight, e.ReceiptHandle)
		out.Successful = append(out.Successful, result{e.ID})
	}
	answer(w, out)
}

func answer(w http.ResponseWriter, out any) {
	body, err := json.Marshal(out)
	if err != nil {
		panic(err)
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body)
}

func (q *memoryQueue) add(body string) {
	sum := md5.Sum([]byte(body))
	q.mu.Lock()
	q.waiting = append(q.waiting, memoryMessage{uuid.NewString(), "", hex.EncodeToString(sum[:]), body})
	q.mu.Unlock()
	q.wake()
}

func (q *memoryQueue) wake() {
	select {
	case q.arrived <- struct{}{}:
	default:
	}
}

func (q *memoryQueue) take(limit int) []memoryMessage {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := min(limit, len(q.waiting))
	taken := make([]memoryMessage, n)
	copy(taken, q.waiting)
	q.waiting = q.waiting[n:]
	for i := range taken {
		taken[i].ReceiptHandle = uuid.NewString()
		q.inFlight[taken[i].ReceiptHandle] = taken[i]
	}
	if len(q.waiting) > 0 {
		q.wake()
	}
	return taken
}
