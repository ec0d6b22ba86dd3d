// Package compat says what changed between two revisions of what an application
// promises, and whom a change breaks.
//
// What breaks depends on who writes and who reads. A request is written by
// clients of the old form and read by the new code, so it must go on taking all
// that it took. An answer is written by the new code and read by clients of the
// old form, so it must not be anything that it never was. An event is both at
// once: subscribers elsewhere may be of the old form when the publisher is not,
// and messages of the old form are in queues and dead-letter queues for days when
// the new subscribers start. So an event may get fields that can be missing, and
// otherwise stays what it is.
package compat

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/less-go/less/internal/app"
	"github.com/less-go/less/internal/contract"
)

// A Kind is what changed.
type Kind string

// The kinds of changes.
const (
	TopicRemoved     Kind = "topic-removed"
	TopicAdded       Kind = "topic-added"
	TopicUnpublished Kind = "topic-unpublished" // nobody publishes to it any more
	RouteRemoved     Kind = "route-removed"
	RouteAdded       Kind = "route-added"
	RouteUntyped     Kind = "route-untyped" // nobody knows any more what it takes and answers
	RouteTyped       Kind = "route-typed"
	ParamRemoved     Kind = "param-removed"
	ParamAdded       Kind = "param-added"
	ParamRenamed     Kind = "param-renamed" // in the path, where only its place counts
	BodyRequired     Kind = "body-required"
	BodyRemoved      Kind = "body-removed"
	BodyAdded        Kind = "body-added"
	StatusChanged    Kind = "status-changed"
	FieldRemoved     Kind = "field-removed"
	FieldAdded       Kind = "field-added"
	FieldRenamed     Kind = "field-renamed"
	FieldRequired    Kind = "field-required" // it was optional
	FieldOptional    Kind = "field-optional" // it was always there
	TypeChanged      Kind = "type-changed"
	ValuesRemoved    Kind = "values-removed" // of an enum
	ValuesAdded      Kind = "values-added"
	NullAdded        Kind = "null-added"
	NullRemoved      Kind = "null-removed"
)

// A Change is one difference.
type Change struct {
	Kind     Kind `json:"kind"`
	Breaking bool `json:"breaking"`
	// Places are the topics and routes it is seen in, by identity: "topics/order_placed".
	// A type that many of them share changes in all of them.
	Places []string `json:"places"`
	// In is the part: "event", "request", "response", or "" for the whole.
	In Part `json:"in,omitempty"`
	// Field is the member, "lines[].price" for one in a list, "prices{}" for what a
	// map holds, or the parameter, "query limit".
	Field string `json:"field,omitempty"`
	// Pos is where the code says so now, and OldPos where it did.
	Pos    app.Pos `json:"pos,omitempty"`
	OldPos app.Pos `json:"old_pos,omitempty"`
	// What changed, Why it breaks somebody, and the WayOut, in sentences. A change
	// that breaks nobody has What alone.
	What   string `json:"what"`
	Why    string `json:"why,omitempty"`
	WayOut string `json:"way_out,omitempty"`
}

// A Part is a part of a promise.
type Part string

// The parts.
const (
	Event    Part = "event"
	Request  Part = "request"
	Response Part = "response"
)

// String is the change on one line: where, what, why it breaks, and the way out.
func (c Change) String() string {
	const most = 3
	places := strings.Join(c.Places[:min(most, len(c.Places))], ", ")
	if more := len(c.Places) - most; more > 0 {
		places += fmt.Sprintf(" and %d more", more)
	}
	if c.In != "" {
		places += ", " + string(c.In)
	}
	at := string(c.Pos)
	if at == "" && c.OldPos != "" {
		at = string(c.OldPos) + " (before)"
	}
	if c.Why == "" {
		return fmt.Sprintf("%s: %s: %s", at, places, c.What)
	}
	return fmt.Sprintf("%s: %s: %s %s %s", at, places, c.What, c.Why, c.WayOut)
}

// A Result is all that changed: what breaks somebody and what does not, each by
// place in the source.
type Result struct {
	Breaking   []Change `json:"breaking"`
	Compatible []Change `json:"compatible"`
}

// MarshalJSON writes empty lists, not null.
func (r Result) MarshalJSON() ([]byte, error) {
	type plain Result
	r.Breaking, r.Compatible = append([]Change{}, r.Breaking...), append([]Change{}, r.Compatible...)
	return json.Marshal(plain(r))
}

// Compare says what is different in updated, which comes after old. That a topic
// is published no more is noticed where both were read with their flow.
func Compare(old, updated contract.Contract) Result {
	var c comparison
	c.topics(old, updated)
	c.routes(old, updated)
	return c.result()
}

// A comparison collects changes.
type comparison struct {
	changes []Change
}

func (c *comparison) add(change Change) { c.changes = append(c.changes, change) }

// result joins the changes that are one in many places, and sorts them.
func (c *comparison) result() Result {
	byKey := map[string]int{}
	var joined []Change
	for _, change := range c.changes {
		key := fmt.Sprint(change.Kind, change.Breaking, change.In, change.Field, change.Pos, change.OldPos, change.What, change.Why)
		i, found := byKey[key]
		if !found || change.In == "" {
			byKey[key] = len(joined)
			joined = append(joined, change)
			continue
		}
		joined[i].Places = append(joined[i].Places, change.Places...)
	}
	var r Result
	for _, change := range joined {
		slices.Sort(change.Places)
		change.Places = slices.Compact(change.Places)
		if change.Breaking {
			r.Breaking = append(r.Breaking, change)
		} else {
			r.Compatible = append(r.Compatible, change)
		}
	}
	slices.SortFunc(r.Breaking, compareChanges)
	slices.SortFunc(r.Compatible, compareChanges)
	return r
}

func compareChanges(a, b Change) int {
	return cmp.Or(
		cmp.Or(a.Pos, a.OldPos).Compare(cmp.Or(b.Pos, b.OldPos)),
		slices.Compare(a.Places, b.Places), strings.Compare(string(a.In), string(b.In)),
		strings.Compare(a.Field, b.Field), strings.Compare(string(a.Kind), string(b.Kind)), strings.Compare(a.What, b.What),
	)
}
