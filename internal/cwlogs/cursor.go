package cwlogs

import (
	"slices"
	"strings"
)

// A cursor is a place in a stream, between two events, and a direction. Its token
// has AWS's form: f or b, and the position of the event that it is after or before.
type cursor struct {
	forward bool
	at      position // "" for the end of the stream that lies behind
}

const (
	forwardToken  = "f/"
	backwardToken = "b/"
	tokenEnd      = "/s"
)

// parseCursor reads a token; without one the cursor begins at the head or the tail.
func parseCursor(token string, head bool) (cursor, error) {
	if token == "" {
		return cursor{forward: head}, nil
	}
	text, ended := strings.CutSuffix(token, tokenEnd)
	rest, forward := strings.CutPrefix(text, forwardToken)
	if !forward {
		var backward bool
		if rest, backward = strings.CutPrefix(text, backwardToken); !backward {
			return cursor{}, invalidToken()
		}
	}
	at, ok := parsePosition(rest)
	if !ok || !ended {
		return cursor{}, invalidToken()
	}
	return cursor{forward, at}, nil
}

// page returns the next events in the cursor's direction, in the order of time.
func (c cursor) page(events []event, limit int) []event {
	size, n := 0, 0
	fits := func(e event) bool {
		if n == limit || n > 0 && size+e.size() > maxPage {
			return false
		}
		size += e.size()
		n++
		return true
	}
	compare := func(e event, at position) int { return strings.Compare(string(e.id), string(at)) }
	if c.forward {
		start, found := slices.BinarySearchFunc(events, c.at, compare)
		if found {
			start++
		}
		for start+n < len(events) && fits(events[start+n]) {
		}
		return events[start : start+n]
	}
	end := len(events)
	if c.at != "" {
		end, _ = slices.BinarySearchFunc(events, c.at, compare)
	}
	for end-n > 0 && fits(events[end-n-1]) {
	}
	return events[end-n : end]
}

// origin is a position before every event.
var origin = position(strings.Repeat("0", timeDigits+numberDigits))

// tokens returns what goes on from a page in either direction. Where it is empty
// the direction it was come from stays, and the other one leads back over the
// event that the cursor is at.
func (c cursor) tokens(page []event) (forward, backward string) {
	first, last := c.at, c.at
	switch {
	case len(page) > 0:
		first, last = page[0].id, page[len(page)-1].id
	case c.at == "":
		first, last = origin, origin
	case c.forward:
		first = c.at.next()
	default:
		last = c.at.previous()
	}
	return forwardToken + string(last) + tokenEnd, backwardToken + string(first) + tokenEnd
}
