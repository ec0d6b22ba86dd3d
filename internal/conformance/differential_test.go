package conformance_test

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
)

var (
	motoSeed       = flag.Uint64("moto-seed", 1, "the seed of the operations that the engine and moto do, 0 for a random one")
	motoOperations = flag.Int("moto-operations", 400, "how many operations the engine and moto do of each service")
)

// A differential does the same operations on two sides.
type differential struct {
	t     *testing.T
	seed  uint64
	rand  *rand.Rand
	sides [2]*side
	equal int
	known map[string]int

	queues, topics []string        // names, of which some are deleted again
	deleted        map[string]bool // by name
	purged         map[string]bool
	subscribed     map[string]bool // by topic and queue
	receipts       []receipt
	subscriptions  [][2]string // ARNs
	did            []string
	bodies         int
}

func newDifferential(t *testing.T, ours, other *side, seed uint64) *differential {
	if seed == 0 {
		seed = rand.Uint64() >> 1
	}
	return &differential{
		t: t, seed: seed, rand: rand.New(rand.NewPCG(seed, 2)), sides: [2]*side{ours, other}, known: map[string]int{},
		deleted: map[string]bool{}, purged: map[string]bool{}, subscribed: map[string]bool{},
	}
}

// An operation chooses parameters, says what it does, and returns how a side does it.
type operation struct {
	name   string
	weight int
	choose func(d *differential) (what string, do func(ctx context.Context, i int, s *side) (any, error))
}

func (d *differential) step(operations []operation) {
	d.t.Helper()
	total := 0
	for _, o := range operations {
		total += o.weight
	}
	at := d.rand.IntN(total)
	for _, o := range operations {
		if at -= o.weight; at < 0 {
			d.do(o)
			return
		}
	}
}

func (d *differential) do(o operation) {
	d.t.Helper()
	what, do := o.choose(d)
	if do == nil {
		return // there is nothing to do it with yet
	}
	d.did = append(d.did, o.name+" "+what)
	var answers [2]string
	for i, s := range d.sides {
		output, err := do(d.t.Context(), i, s)
		answers[i] = s.norm.answer(output, err)
	}
	if answers[0] == answers[1] {
		d.equal++
		return
	}
	for _, known := range knownDifferences {
		if known.explains(o.name, answers) {
			d.known[known.what]++
			return
		}
	}
	last := d.did[max(0, len(d.did)-12):]
	d.t.Fatalf("seed %d: %s %s\nours: %s\nmoto: %s\nafter:\n%s", d.seed, o.name, what, answers[0], answers[1], strings.Join(last, "\n"))
}

// A difference is one that is known, with its cause, in regular expressions for
// the whole of the action and of the two answers.
type difference struct {
	what, action, ours, moto string
}

func (k difference) explains(action string, answers [2]string) bool {
	return whole(k.action, action) && whole(k.ours, answers[0]) && whole(k.moto, answers[1])
}

func whole(pattern, s string) bool {
	return regexp.MustCompile(`(?s)^(` + pattern + `)$`).MatchString(s)
}

// pick returns one of a list.
func pick[T any](d *differential, of ...T) T { return of[d.rand.IntN(len(of))] }

// queue is the name of a queue that there is or was.
func (d *differential) queue() string {
	if len(d.queues) == 0 || d.rand.IntN(25) == 0 {
		return "nobody"
	}
	return pick(d, d.queues...)
}

// url is a queue's URL on one side.
func (s *side) url(queue string) *string {
	account := "000000000000"
	if s.name == "moto" {
		account = "123456789012"
	}
	u := s.norm.endpoint + "/" + account + "/" + queue
	return &u
}

// arn is the ARN of a queue or topic on one side.
func (s *side) arn(service, name string) *string {
	account := "000000000000"
	if s.name == "moto" {
		account = "123456789012"
	}
	a := "arn:aws:" + service + ":" + awsRegion + ":" + account + ":" + name
	return &a
}

func (d *differential) body() string {
	d.bodies++
	return fmt.Sprintf("%d %s", d.bodies, pick(d, "order", "ünïcödé", `{"a":"<b>"}`, "line\nfeed"))
}

func (d *differential) newName(prefix string, names *[]string) string {
	if len(*names) > 0 && (len(*names) > 8 || d.rand.IntN(3) == 0) {
		if name := pick(d, *names...); !d.deleted[name] {
			return name
		}
	}
	name := fmt.Sprintf("%s%03d", prefix, len(*names)) // in the order of the alphabet, in which queues are listed
	*names = append(*names, name)
	return name
}
