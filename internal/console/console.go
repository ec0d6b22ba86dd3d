// Package console shows what happens in the engine to a person: one aligned
// line for each event, in colour on a terminal, plain in a pipe, or as JSON.
//
// What functions write is a stranger's text. None of it reaches the terminal as
// anything but text: escape sequences and other control characters are shown,
// not sent.
package console

import (
	"encoding/json"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/less-go/less/internal/activity"
	"github.com/less-go/less/internal/plan"
)

// Options say what the console writes to.
type Options struct {
	// Terminal says that a person reads the output as it comes: long lines are
	// wrapped, and nobody waits while the person stops the output.
	Terminal bool
	// Color is for a terminal that shows colours.
	Color bool
	// Width is the terminal's in columns, 100 where it is not known.
	Width int
	// JSON writes each event as one JSON object, and nothing else.
	JSON bool
	// Verbose shows START, END and REPORT lines too, and those about the end of what
	// went well.
	Verbose bool
	// Location is the zone of the times shown; nil is the local one.
	Location *time.Location
}

// A Console writes events and texts in the order in which it is given them. Its
// methods may be called concurrently.
type Console struct {
	opts Options
	out  io.Writer

	mu   sync.Mutex // held while a line is made and written, so that lines stay whole
	plan plan.Plan
	// deployed is what was given to Deployed.
	deployed map[string]string
	names    names
	err      error
	// On a terminal lines wait here for the goroutine that writes them.
	pending []byte
	lost    int
	wake    chan struct{} // nil without such a goroutine
	written chan struct{} // closed when it has ended
}

// New returns a console that writes to out. Close it to see the last lines.
func New(out io.Writer, opts Options) *Console {
	if opts.Width <= 0 {
		opts.Width = 100
	}
	if opts.Location == nil {
		opts.Location = time.Local
	}
	c := &Console{opts: opts, out: out}
	c.names = newNames(plan.Plan{}, nil, opts.Width)
	if opts.Terminal {
		c.wake = make(chan struct{}, 1)
		c.written = make(chan struct{})
		go c.write(c.wake)
	}
	return c
}

// Plan tells the console whose names to expect, which decides columns and colours.
func (c *Console) Plan(p plan.Plan) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.plan = p
	c.names = newNames(c.plan, c.deployed, c.opts.Width)
}

// Deployed tells the console of the functions that are not the plan's but of a tree all
// the same: by the name that events give them, their deployment and their identity in
// its tree, food:topics/order_placed/charge_card.
func (c *Console) Deployed(functions map[string]string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.deployed = functions
	c.names = newNames(c.plan, c.deployed, c.opts.Width)
}

// Emit shows e; it is an [activity.Sink]. To a file or pipe it is written when
// Emit returns. To a terminal it is written soon: a person who holds the output
// back must not hold the engine back.
func (c *Console) Emit(e activity.Event) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.opts.JSON {
		line, err := json.Marshal(e)
		if err != nil { // an event is plain data
			panic(fmt.Sprintf("console: encode event: %v", err))
		}
		c.put(append(line, '\n'))
		return
	}
	if text := c.render(e); text != "" {
		c.put([]byte(text))
	}
}

// Print shows lines of the command itself, in order with the events. With JSON
// it shows nothing.
func (c *Console) Print(text string) {
	if c.opts.JSON {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.put([]byte(text))
}

// Close writes what waits and returns the first error of writing.
func (c *Console) Close() error {
	if c.wake != nil {
		c.mu.Lock()
		wake := c.wake
		c.wake = nil
		c.mu.Unlock()
		if wake != nil {
			close(wake)
		}
		<-c.written
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// maxPending is how much may wait for a terminal that takes nothing.
const maxPending = 4 << 20

// put writes text, or leaves it to the goroutine of a terminal. The caller holds mu.
func (c *Console) put(text []byte) {
	if c.wake == nil {
		if _, err := c.out.Write(text); err != nil && c.err == nil {
			c.err = err
		}
		return
	}
	if len(c.pending)+len(text) > maxPending {
		c.lost++
		return
	}
	c.pending = append(c.pending, text...)
	select {
	case c.wake <- struct{}{}:
	default: // it is awake
	}
}
