package queue_test

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/less-go/less/internal/queue"
)

var (
	sequences = flag.Int("sequences", 10_000, "how many random sequences of operations the store and its model do")
	firstSeed = flag.Uint64("seed", 0, "the seed of the first of them, 0 for a random one; a failure tells its own, which -sequences 1 repeats")
	operating = flag.Int("operations", 10, "how many operations a sequence has")
)

// TestModel has the store and its model do the same, and compares them after each
// operation. Sequences that follow each other share a store, which is costly to open.
func TestModel(t *testing.T) {
	seed := *firstSeed
	if seed == 0 {
		seed = rand.Uint64() >> 1
	}
	const ofStore = 250
	for done := 0; done < *sequences; done += ofStore {
		first, count := seed+uint64(done), min(ofStore, *sequences-done)
		t.Run(strconv.FormatUint(first, 10), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				store, err := queue.Open(t.Context(), ":memory:", queue.Options{})
				if err != nil {
					t.Fatal(err)
				}
				defer store.Close()
				for i := range count {
					s := newSequence(t, store, first+uint64(i))
					if err := s.run(*operating); err != nil {
						t.Fatalf("seed %d: %v\n\n%s\nTo repeat it: go test -run '^TestModel$' -seed %d -sequences 1 ./internal/queue",
							s.seed, err, s.history(), s.seed)
					}
				}
			})
		})
	}
}

// A sequence is some random operations on two queues and on their model.
type sequence struct {
	t     *testing.T
	store *queue.Store
	model *model
	seed  uint64
	rand  *rand.Rand

	did      []string
	touched  bool // the operation may have changed the dead-letter queue
	bodies   int
	ids      map[string]string // of all messages there ever were, with their bodies
	receipts []string
	known    map[string]modelReceipt
}

func newSequence(t *testing.T, store *queue.Store, seed uint64) *sequence {
	s := &sequence{
		t: t, store: store, seed: seed, rand: rand.New(rand.NewPCG(seed, 1)),
		ids: map[string]string{}, known: map[string]modelReceipt{},
	}
	name := "q" + strconv.FormatUint(seed, 36)
	dead := queue.Spec{Name: name + "-dead", Visibility: s.seconds(0, 3), Retention: s.pick(time.Minute, 10*time.Minute, time.Hour)}
	main := queue.Spec{
		Name: name, Visibility: s.seconds(0, 10), Delay: s.pick(0, 0, 0, 2*time.Second), Retention: s.pick(time.Minute, 10*time.Minute, time.Hour),
		DeadLetter: dead.Name, MaxReceives: 1 + s.rand.IntN(3),
	}
	if s.chance(2) {
		main.FIFO, dead.FIFO = true, true
		main.DeduplicateByGroup = s.chance(2)
		main.Name, dead.Name = main.Name+".fifo", dead.Name+".fifo"
		main.DeadLetter = dead.Name
	}
	s.model = newModel(main, dead)
	return s
}

func (s *sequence) chance(of int) bool { return s.rand.IntN(of) == 0 }

func (s *sequence) seconds(from, to int) time.Duration {
	return time.Duration(from+s.rand.IntN(to-from+1)) * time.Second
}

func (s *sequence) pick(of ...time.Duration) time.Duration { return of[s.rand.IntN(len(of))] }

func (s *sequence) note(format string, args ...any) {
	s.did = append(s.did, time.Now().UTC().Format("15:04:05.000 ")+fmt.Sprintf(format, args...))
}

func (s *sequence) history() (text string) {
	text = fmt.Sprintf("%+v\n%+v\n", s.model.queue.spec, s.model.dead.spec)
	for _, line := range s.did {
		text += line + "\n"
	}
	return text
}

// show is a duration that may be missing.
func show(d *time.Duration) string {
	if d == nil {
		return "the queue's"
	}
	return d.String()
}

// any is one of the two queues, mostly the first.
func (s *sequence) any() *modelQueue {
	if s.chance(4) {
		s.touched = true
		return s.model.dead
	}
	return s.model.queue
}

func (s *sequence) run(operations int) error {
	ctx := s.t.Context()
	if err := s.store.Ensure(ctx, s.model.queue.spec, s.model.dead.spec); err != nil {
		return err
	}
	for range operations {
		s.tick()
		s.touched = false
		if err := s.operation()(); err != nil {
			return err
		}
		s.tick()
		if err := s.compare(s.model.queue); err != nil {
			return err
		}
		if s.touched {
			if err := s.compare(s.model.dead); err != nil {
				return err
			}
		}
	}
	if err := s.compare(s.model.dead); err != nil {
		return err
	}
	if err := s.store.DeleteQueue(ctx, s.model.queue.spec.Name); err != nil {
		return err
	}
	return s.store.DeleteQueue(ctx, s.model.dead.spec.Name)
}

// tick tells the model what time it is.
func (s *sequence) tick() {
	*s.model.now = time.Now()
	s.model.expire()
}

func (s *sequence) compare(q *modelQueue) error {
	stats, err := s.store.Stats(s.t.Context(), q.spec.Name)
	if err != nil {
		return err
	}
	messages, err := s.store.Peek(s.t.Context(), q.spec.Name, 1000)
	if err != nil {
		return err
	}
	if err := q.compare(stats, messages); err != nil {
		return err
	}
	for _, msg := range q.messages {
		if body, seen := s.ids[msg.id]; seen && body != msg.body {
			return fmt.Errorf("%s and %s have the same id", body, msg.body)
		}
		s.ids[msg.id] = msg.body
	}
	return nil
}

// operation chooses what is done next.
func (s *sequence) operation() func() error {
	operations := []struct {
		weight int
		do     func() error
	}{
		{25, s.send}, {30, s.receive}, {12, s.delete}, {10, s.changeVisibility}, {14, s.pass}, {4, s.redrive}, {2, s.configure}, {1, s.purge},
	}
	total := 0
	for _, o := range operations {
		total += o.weight
	}
	n := s.rand.IntN(total)
	for _, o := range operations {
		if n -= o.weight; n < 0 {
			return o.do
		}
	}
	panic("the weights are less than their sum")
}

func (s *sequence) pass() error {
	d := s.pick(time.Millisecond, time.Second, 2*time.Second, 5*time.Second, 10*time.Second, 59*time.Second, 270*time.Second, 5*time.Minute)
	s.note("%v pass", d)
	time.Sleep(d) // in the bubble's virtual time
	synctest.Wait()
	return nil
}

func (s *sequence) send() error {
	var entries []queue.Entry
	for range 1 + s.rand.IntN(3) {
		q := s.model.queue
		if s.chance(8) {
			s.touched, q = true, s.model.dead
		}
		s.bodies++
		body := "m" + strconv.Itoa(s.bodies)
		e := queue.Entry{Queue: q.spec.Name, ID: body + "-" + strconv.FormatUint(s.seed, 36), Body: []byte(body)}
		switch {
		case q.spec.FIFO:
			e.GroupID, e.DeduplicationID = "g"+strconv.Itoa(s.rand.IntN(3)), body
			if s.chance(3) {
				e.DeduplicationID = "d" + strconv.Itoa(s.rand.IntN(2))
			}
		case s.chance(4):
			delay := s.seconds(0, 4)
			e.Delay = &delay
		}
		entries = append(entries, e)
		s.note("send %s to %s, group %q, deduplication %q, delay %v", body, q.spec.Name, e.GroupID, e.DeduplicationID, show(e.Delay))
	}
	sent, err := s.store.Send(s.t.Context(), entries...)
	if err != nil {
		return err
	}
	for i, e := range entries {
		duplicate := s.model.send(e)
		want := e.ID
		if duplicate != "" {
			want = duplicate
		}
		if sent[i].ID != want || sent[i].Duplicate != (duplicate != "") {
			return fmt.Errorf("sent %+v, want the id %s, duplicate %t", sent[i], want, duplicate != "")
		}
	}
	return nil
}

func (s *sequence) receive() error {
	before := len(s.model.dead.messages)
	q := s.any()
	r := queue.Receive{Max: 1 + s.rand.IntN(4)}
	if s.chance(3) {
		visibility := s.pick(0, time.Second, 5*time.Second, time.Minute)
		r.Visibility = &visibility
	}
	if !q.spec.FIFO && s.chance(4) {
		// Half a millisecond, because what happens when a wait ends may be either.
		r.Wait = s.seconds(0, 8) + 500*time.Microsecond
	}
	began := time.Now()
	got, err := s.store.Receive(s.t.Context(), q.spec.Name, r)
	if err != nil {
		return err
	}
	lasted := time.Since(began)
	bodies := make([]string, len(got))
	for i, msg := range got {
		bodies[i] = string(msg.Body)
	}
	s.note("receive %d from %s, visibility %v, wait %v: %v", r.Max, q.spec.Name, show(r.Visibility), r.Wait, bodies)
	want, err := s.expected(q, r, bodies)
	if err != nil {
		return err
	}
	s.touched = s.touched || len(s.model.dead.messages) != before
	if waited := s.model.now.Sub(began); lasted != waited {
		return fmt.Errorf("received after %v, want after %v", lasted, waited)
	}
	if len(got) != len(want) {
		return fmt.Errorf("received %d messages, want %d", len(got), len(want))
	}
	for i, msg := range want {
		if err := s.received(q, r, msg, got[i]); err != nil {
			return err
		}
	}
	time.Sleep(lasted.Round(time.Millisecond) - lasted) // half a millisecond rounds up
	return nil
}

// expected is what the model says to a receive that returned these bodies.
func (s *sequence) expected(q *modelQueue, r queue.Receive, bodies []string) ([]*modelMessage, error) {
	if !q.spec.FIFO {
		return s.model.receiveWaiting(q, r), nil
	}
	dead, err := s.store.Peek(s.t.Context(), s.model.dead.spec.Name, 1000)
	if err != nil {
		return nil, err
	}
	isDead := func(msg *modelMessage) bool {
		return slices.ContainsFunc(dead, func(m queue.Message) bool { return string(m.Body) == msg.body })
	}
	want, err := s.model.receiveInOrder(q, r, bodies, isDead)
	if err != nil {
		return nil, err
	}
	for _, m := range dead { // in the order in which the store has buried them
		if msg := s.model.queue.find(string(m.Body)); msg != nil && q == s.model.queue && q.spent(msg) && !msg.visible.After(time.Now()) {
			s.model.bury(msg)
		}
	}
	return want, nil
}

// received checks a message that was received against the model's.
func (s *sequence) received(q *modelQueue, r queue.Receive, msg *modelMessage, got queue.Message) error {
	if _, again := s.known[got.Receipt]; again {
		return fmt.Errorf("the receipt of %s was given out before", msg.body)
	}
	q.take(msg, r, got.Receipt)
	s.receipts = append(s.receipts, got.Receipt)
	s.known[got.Receipt] = modelReceipt{queue: q.spec.Name, body: msg.body, seq: msg.seq, received: time.Now()}
	if string(got.Body) != msg.body || got.ID != msg.id || got.Receives != msg.receives || !got.Sent.Equal(msg.sent) || !got.FirstReceived.Equal(msg.first) {
		return fmt.Errorf("received %+v, want %+v", got, *msg)
	}
	return nil
}

// receipt is one that was given out, mostly lately, or none.
func (s *sequence) receipt() (text, in string) {
	if len(s.receipts) == 0 || s.chance(20) {
		return "garbage", s.any().spec.Name
	}
	text = s.receipts[max(0, len(s.receipts)-1-s.rand.IntN(6))]
	if s.chance(20) {
		return text, s.any().spec.Name
	}
	return text, s.known[text].queue
}

func (s *sequence) delete() error {
	text, name := s.receipt()
	s.note("delete %s from %s", s.known[text].body, name)
	errs, err := s.store.Delete(s.t.Context(), name, text)
	if err != nil {
		return err
	}
	if want := s.model.delete(name, text, s.known[text]); !errors.Is(errs[0], want) {
		return fmt.Errorf("delete: %w, want %w", errs[0], want)
	}
	return nil
}

func (s *sequence) changeVisibility() error {
	text, name := s.receipt()
	d := s.pick(0, time.Second, 4*time.Second, 30*time.Second, 12*time.Hour)
	s.note("hide %s in %s for %v", s.known[text].body, name, d)
	err := s.store.ChangeVisibility(s.t.Context(), name, text, d)
	if want := s.model.changeVisibility(name, text, s.known[text], d); !errors.Is(err, want) {
		return fmt.Errorf("change the visibility: %w, want %w", err, want)
	}
	return nil
}

func (s *sequence) purge() error {
	q := s.any()
	s.note("purge %s", q.spec.Name)
	q.purge()
	return s.store.Purge(s.t.Context(), q.spec.Name)
}

func (s *sequence) redrive() error {
	s.touched = true
	destination := ""
	if s.chance(2) {
		destination = s.model.queue.spec.Name
	}
	s.note("move from %s to %q", s.model.dead.spec.Name, destination)
	if _, err := s.store.StartMove(s.t.Context(), s.model.dead.spec.Name, destination, 0); err != nil {
		return err
	}
	synctest.Wait()
	moved, stuck := s.model.redrive(destination)
	tasks, err := s.store.MoveTasks(s.t.Context(), s.model.dead.spec.Name)
	if err != nil {
		return err
	}
	status := queue.MoveCompleted
	if stuck {
		status = queue.MoveFailed
	}
	if tasks[0].Moved != moved || tasks[0].Status != status {
		return fmt.Errorf("the task is %+v, want %d moved and %s", tasks[0], moved, status)
	}
	return nil
}

func (s *sequence) configure() error {
	spec := s.model.queue.spec
	spec.Visibility, spec.Delay, spec.MaxReceives = s.seconds(0, 10), s.seconds(0, 2), 1+s.rand.IntN(3)
	s.note("set visibility %v, delay %v, receives %d", spec.Visibility, spec.Delay, spec.MaxReceives)
	s.model.configure(spec)
	return s.store.Ensure(s.t.Context(), spec)
}
