package queuetest

import (
	"fmt"
	"time"

	"github.com/less-go/less/internal/queue"
)

// ordered is a plain FIFO queue.
func ordered(name string) queue.Spec {
	spec := plain(name)
	spec.FIFO = true
	return spec
}

// sendFIFO sends a message for each body to a group of orders.fifo, deduplicated by
// its body.
func (s *subject) sendFIFO(group string, bodies ...string) []queue.Sent {
	s.Helper()
	var entries []queue.Entry
	for _, body := range bodies {
		entries = append(entries, queue.Entry{Queue: "orders.fifo", Body: []byte(body), GroupID: group, DeduplicationID: body})
	}
	sent, err := s.Send(s.Context(), entries...)
	s.ok(err)
	return sent
}

// take receives up to limit messages from orders.fifo.
func (s *subject) take(limit int) []queue.Message {
	s.Helper()
	return s.receive("orders.fifo", queue.Receive{Max: limit})
}

var fifo = []test{
	{"messages of a group come in the order of their sending, and carry what they were sent with", func(s *subject) {
		s.ensure(ordered("orders.fifo"))
		sent := s.sendFIFO("a", "1", "2", "3")
		got := s.take(10)
		s.equal(bodies(got), []string{"1", "2", "3"})
		for i, m := range got {
			s.equal(m.GroupID, "a")
			s.equal(m.DeduplicationID, string(m.Body))
			s.equal(queue.Sent{ID: m.ID, Sequence: m.Sequence}, sent[i])
		}
	}},
	{"a group waits while any of its messages is in flight, and other groups do not", func(s *subject) {
		s.ensure(ordered("orders.fifo"))
		s.sendFIFO("a", "a1", "a2", "a3")
		s.sendFIFO("b", "b1")
		first := s.take(2)
		s.equal(bodies(first), []string{"a1", "a2"})
		s.equal(bodies(s.take(10)), []string{"b1"})
		s.none("orders.fifo")
		s.delete("orders.fifo", first[0].Receipt)
		s.none("orders.fifo")
		s.delete("orders.fifo", first[1].Receipt)
		s.equal(bodies(s.take(10)), []string{"a3"})
	}},
	{"the first message of a group can be received while others of it are in flight, but none behind those", func(s *subject) {
		s.ensure(ordered("orders.fifo"))
		s.sendFIFO("a", "a1", "a2", "a3", "a4")
		s.sendFIFO("b", "b1")
		first := s.take(3)
		s.equal(bodies(first), []string{"a1", "a2", "a3"})
		time.Sleep(time.Second)
		for _, i := range []int{0, 2} {
			s.ok(s.ChangeVisibility(s.Context(), "orders.fifo", first[i].Receipt, 0))
		}
		s.equal(bodies(s.take(10)), []string{"b1", "a1"})
		s.none("orders.fifo")
		time.Sleep(30 * time.Second)
		s.equal(bodies(s.take(4)), []string{"a1", "a2", "a3", "a4"})
	}},
	{"a message whose visibility timeout was extended keeps back those behind it", func(s *subject) {
		s.ensure(ordered("orders.fifo"))
		s.sendFIFO("a", "1", "2", "3")
		got := s.take(10)
		s.ok(s.ChangeVisibility(s.Context(), "orders.fifo", got[1].Receipt, time.Minute))
		time.Sleep(30 * time.Second)
		s.equal(bodies(s.take(10)), []string{"1"})
	}},
	{"a receive takes the messages of one group before those of the next, and 10 at most", func(s *subject) {
		s.ensure(ordered("orders.fifo"))
		var want []string
		for i := range 6 {
			s.sendFIFO("a", fmt.Sprint("a", i))
			s.sendFIFO("b", fmt.Sprint("b", i))
			want = append(want, fmt.Sprint("a", i))
		}
		s.equal(bodies(s.take(20)), append(want, "b0", "b1", "b2", "b3"))
	}},
	{"a failed message comes again before those behind it", func(s *subject) {
		s.ensure(ordered("orders.fifo"))
		s.sendFIFO("a", "1", "2")
		s.equal(bodies(s.take(1)), []string{"1"})
		time.Sleep(30 * time.Second)
		got := s.take(10)
		s.equal(bodies(got), []string{"1", "2"})
		s.equal(got[0].Receives, 2)
		s.equal(got[1].Receives, 1)
	}},
	{"a visibility timeout of 0 gives the group free", func(s *subject) {
		s.ensure(ordered("orders.fifo"))
		s.sendFIFO("a", "1", "2")
		m := s.take(1)[0]
		s.ok(s.ChangeVisibility(s.Context(), "orders.fifo", m.Receipt, 0))
		s.equal(bodies(s.take(10)), []string{"1", "2"})
	}},
	{"the end of a visibility timeout and a delete wake a receive that waits for the group", func(s *subject) {
		s.ensure(ordered("orders.fifo"))
		s.sendFIFO("a", "1", "2")
		s.take(1)
		s.got(s.wait(s.Context(), "orders.fifo", queue.Receive{Max: 1, Wait: time.Minute}), 30*time.Second, "1")
		time.Sleep(30 * time.Second)
		m := s.take(1)[0]
		w := s.wait(s.Context(), "orders.fifo", longPoll)
		s.delete("orders.fifo", m.Receipt)
		s.got(w, 0, "2")
	}},
	{"a receipt is good while the message is in flight by it", func(s *subject) {
		s.ensure(ordered("orders.fifo"))
		s.sendFIFO("a", "1")
		first := s.take(1)[0].Receipt
		time.Sleep(30 * time.Second)
		expired := func(receipt string) {
			s.Helper()
			outcomes, err := s.Delete(s.Context(), "orders.fifo", receipt)
			s.ok(err)
			s.fails(outcomes[0], queue.ErrReceiptExpired)
		}
		expired(first)
		s.fails(s.ChangeVisibility(s.Context(), "orders.fifo", first, time.Minute), queue.ErrReceiptExpired)
		second := s.take(1)[0].Receipt
		expired(first)
		s.fails(s.ChangeVisibility(s.Context(), "orders.fifo", first, time.Minute), queue.ErrReceiptExpired)
		s.delete("orders.fifo", second)
		s.delete("orders.fifo", second) // gone is no error
		s.equal(s.stats("orders.fifo"), queue.Stats{})
	}},
	{"a repeated send is not sent again for five minutes, even when the message is gone", func(s *subject) {
		s.ensure(ordered("orders.fifo"))
		first := s.sendFIFO("a", "x")[0]
		s.delete("orders.fifo", s.take(1)[0].Receipt)
		time.Sleep(5*time.Minute - time.Millisecond)
		again := s.sendFIFO("b", "x")[0]
		s.equal(again, queue.Sent{ID: first.ID, Sequence: first.Sequence, Duplicate: true})
		s.none("orders.fifo")
		time.Sleep(time.Millisecond)
		s.equal(s.sendFIFO("a", "x")[0].Duplicate, false)
		s.equal(len(s.take(1)), 1)
	}},
	{"a repetition within one send is one message", func(s *subject) {
		s.ensure(ordered("orders.fifo"))
		sent := s.sendFIFO("a", "x", "x", "y")
		s.equal(sent[1].ID, sent[0].ID)
		s.equal(bodies(s.take(10)), []string{"x", "y"})
	}},
	{"DeduplicateByGroup tells the groups apart", func(s *subject) {
		spec := ordered("orders.fifo")
		spec.DeduplicateByGroup = true
		s.ensure(spec)
		s.sendFIFO("a", "x")
		s.sendFIFO("b", "x")
		s.equal(s.sendFIFO("b", "x")[0].Duplicate, true)
		s.equal(bodies(s.take(1)), []string{"x"})
		s.equal(bodies(s.take(1)), []string{"x"})
	}},
	{"a change of DeduplicateByGroup does not forget what was sent to the whole queue", func(s *subject) {
		spec := ordered("orders.fifo")
		s.ensure(spec)
		s.sendFIFO("a", "x")
		spec.DeduplicateByGroup = true
		s.ensure(spec)
		s.equal(s.sendFIFO("b", "x")[0].Duplicate, true)
		s.equal(s.sendFIFO("b", "y")[0].Duplicate, false)
		spec.DeduplicateByGroup = false
		s.ensure(spec)
		s.equal(s.sendFIFO("c", "y")[0].Duplicate, false)
	}},
	{"a purge forgets repeated sends and gives the groups free", func(s *subject) {
		s.ensure(ordered("orders.fifo"))
		s.sendFIFO("a", "1", "2")
		s.take(1)
		s.ok(s.Purge(s.Context(), "orders.fifo"))
		s.sendFIFO("a", "1")
		s.equal(bodies(s.take(10)), []string{"1"})
	}},
	{"a message needs a group and a deduplication id", func(s *subject) {
		s.ensure(ordered("orders.fifo"), plain("plain"))
		for _, e := range []queue.Entry{{GroupID: "a"}, {DeduplicationID: "x"}} {
			e.Queue = "orders.fifo"
			if _, err := s.Send(s.Context(), queue.Entry{Queue: "plain"}, e); err == nil {
				s.Error("an incomplete message was accepted")
			}
		}
		s.none("plain")
	}},
	{"the delay is the queue's, in order, and a new one holds for what is delayed already", func(s *subject) {
		spec := ordered("orders.fifo")
		spec.Delay = 10 * time.Second
		s.ensure(spec)
		_, err := s.Send(s.Context(), queue.Entry{Queue: "orders.fifo", Body: []byte("1"), GroupID: "a", DeduplicationID: "1", Delay: new(time.Duration(0))})
		s.ok(err)
		s.none("orders.fifo")
		s.equal(s.stats("orders.fifo").Delayed, 1)
		time.Sleep(10 * time.Second)
		s.equal(bodies(s.take(10)), []string{"1"})
		s.sendFIFO("b", "2")
		spec.Delay = 2 * time.Second
		s.ensure(spec)
		w := s.wait(s.Context(), "orders.fifo", longPoll)
		s.got(w, 2*time.Second, "2")
	}},
	{"a message that fails too often is the last of its group in the dead-letter queue, and blocks no longer", func(s *subject) {
		spec := ordered("orders.fifo")
		spec.DeadLetter, spec.MaxReceives = "dead.fifo", 2
		s.ensure(ordered("dead.fifo"), spec)
		sent := s.sendFIFO("a", "1", "2")
		for range 2 {
			s.equal(bodies(s.take(1)), []string{"1"})
			time.Sleep(30 * time.Second)
		}
		s.equal(bodies(s.take(10)), []string{"2"})
		moved := time.Now().UTC()
		m := s.one("dead.fifo")
		s.equal(m.ID, sent[0].ID)
		s.equal(m.DeduplicationID, m.ID)
		s.equal(m.GroupID, "a")
		s.equal(m.Receives, 3)
		s.equal(m.DeadLetterSource, "orders.fifo")
		s.equal(m.Sent, moved)
		s.equal(m.FirstReceived, moved.Add(-time.Minute))
	}},
	{"a message is moved back to its group", func(s *subject) {
		spec := ordered("orders.fifo")
		spec.DeadLetter, spec.MaxReceives = "dead.fifo", 1
		s.ensure(ordered("dead.fifo"), spec)
		s.sendFIFO("a", "1", "2")
		s.take(1)
		time.Sleep(30 * time.Second)
		s.equal(bodies(s.take(1)), []string{"2"})
		s.equal(s.move("dead.fifo", "", 0).Moved, 1)
		s.none("orders.fifo") // "2" is in flight
		time.Sleep(30 * time.Second)
		got := s.take(10)
		s.equal(bodies(got), []string{"1"})
		s.equal(got[0].GroupID, "a")
		s.equal(bodies(s.receive("dead.fifo", queue.Receive{Max: 10})), []string{"2"})
	}},
	{"a receive can be repeated by its name while nothing has happened to its messages", func(s *subject) {
		s.ensure(ordered("orders.fifo"))
		s.sendFIFO("a", "1", "2")
		named := queue.Receive{Max: 10, Attempt: "x"}
		first := s.receive("orders.fifo", named)
		time.Sleep(20 * time.Second)
		second := s.receive("orders.fifo", named)
		s.equal(second[0].Receipt, first[0].Receipt)
		s.equal(second[0].Receives, 1)
		time.Sleep(20 * time.Second) // the timeout has begun anew
		s.none("orders.fifo")
		s.delete("orders.fifo", second[0].Receipt)
		s.equal(len(s.receive("orders.fifo", named)), 0)
		time.Sleep(10 * time.Second)
		s.equal(bodies(s.receive("orders.fifo", named)), []string{"2"})
	}},
	{"a queue cannot become a FIFO queue, nor feed one that is not", func(s *subject) {
		s.ensure(plain("plain"), ordered("orders.fifo"))
		for _, spec := range []queue.Spec{ordered("plain"), plain("orders.fifo"), withDeadLetter("plain", "orders.fifo", 1)} {
			if err := s.Ensure(s.Context(), spec); err == nil {
				s.Errorf("%+v was accepted", spec)
			}
		}
	}},
}

var onces = []test{
	{"what is sent once is sent for all queues or for none, and not again for five minutes", func(s *subject) {
		s.ensure(plain("a"), plain("b"))
		entries := []queue.Entry{{Queue: "a"}, {Queue: "b"}}
		first, err := s.SendOnce(s.Context(), queue.Once{Scope: "topic", Key: "k", ID: "1"}, entries...)
		s.ok(err)
		s.equal(first.ID, "1")
		time.Sleep(5*time.Minute - time.Millisecond)
		again, err := s.SendOnce(s.Context(), queue.Once{Scope: "topic", Key: "k", ID: "2"}, entries...)
		s.ok(err)
		s.equal(again, queue.Sent{ID: "1", Sequence: first.Sequence, Duplicate: true})
		_, err = s.SendOnce(s.Context(), queue.Once{Scope: "other", Key: "k", ID: "3"}, entries...)
		s.ok(err)
		s.equal([]int{s.stats("a").Visible, s.stats("b").Visible}, []int{2, 2})
	}},
	{"what could not be sent is not remembered", func(s *subject) {
		s.ensure(plain("a"))
		once := queue.Once{Scope: "topic", Key: "k", ID: "1"}
		_, err := s.SendOnce(s.Context(), once, queue.Entry{Queue: "a"}, queue.Entry{Queue: "missing"})
		s.fails(err, queue.ErrNoQueue)
		sent, err := s.SendOnce(s.Context(), once, queue.Entry{Queue: "a"})
		s.ok(err)
		s.equal(sent.Duplicate, false)
		s.equal(s.stats("a").Visible, 1)
	}},
}

var documents = []test{
	{"documents are kept by kind and name, replaced and removed", func(s *subject) {
		s.ok(s.Keep(s.Context(),
			queue.Document{Kind: "topic", Name: "b", Value: []byte("1")},
			queue.Document{Kind: "topic", Name: "a", Value: []byte{}},
			queue.Document{Kind: "other", Name: "a", Value: []byte("2")}))
		s.ok(s.Keep(s.Context(),
			queue.Document{Kind: "topic", Name: "b", Value: []byte("3")},
			queue.Document{Kind: "other", Name: "a"},
			queue.Document{Kind: "other", Name: "missing"}))
		got, err := s.Documents(s.Context(), "topic")
		s.ok(err)
		s.equal(got, []queue.Document{
			{Kind: "topic", Name: "a", Value: []byte{}},
			{Kind: "topic", Name: "b", Value: []byte("3")},
		})
		got, err = s.Documents(s.Context(), "other")
		s.ok(err)
		s.equal(len(got), 0)
	}},
	{"Queue tells what Ensure made, when, and what it changed", func(s *subject) {
		made := time.Now().UTC()
		spec := plain("orders")
		spec.Settings = "kept"
		s.ensure(spec)
		time.Sleep(time.Minute)
		changed := plain("orders")
		changed.Visibility = time.Second
		s.ensure(changed)
		changed.Settings = "kept" // an empty one changes nothing
		got, ok := s.Queue("orders")
		s.equal(ok, true)
		s.equal(got, queue.Info{Spec: changed, Created: made, Modified: made.Add(time.Minute)})
		s.ok(s.DeleteQueue(s.Context(), "orders"))
		_, ok = s.Queue("orders")
		s.equal(ok, false)
	}},
	{"a name with slashes is a queue of the engine's own", func(s *subject) {
		s.ensure(plain("async/charge-card"))
		s.send("async/charge-card", "x")
		s.one("async/charge-card")
		info, _ := s.Queue("async/charge-card")
		s.equal(info.Internal(), true)
		for _, name := range []string{"/a", "a/", "a//b", "A/b", "a/b c", "a"} {
			spec := plain(name)
			if err := s.Ensure(s.Context(), spec); (err == nil) != (name == "a") {
				s.Errorf("error for the name %q is %v", name, err)
			}
		}
	}},
}
