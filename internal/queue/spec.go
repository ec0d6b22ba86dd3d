package queue

import (
	"fmt"
	"regexp"
	"strings"
	"time"
)

// The limits of SQS.
const (
	maxVisibility  = 12 * time.Hour
	maxDelay       = 15 * time.Minute
	minRetention   = time.Minute
	maxRetention   = 14 * 24 * time.Hour
	maxMaxReceives = 1000
)

// maxMessage bounds what one message may hold in memory. It lies above the limit
// of SQS, which is for those who speak its protocol to enforce.
const maxMessage = 16 << 20

var (
	standardName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,80}$`)
	fifoName     = regexp.MustCompile(`^[A-Za-z0-9_-]{1,75}\.fifo$`)
	internalName = regexp.MustCompile(`^[a-z]+(/[A-Za-z0-9_.-]+)+$`)
)

const maxInternalName = 512

// Internal says whether a queue is one that the engine keeps for itself.
func (s Spec) Internal() bool { return strings.Contains(s.Name, "/") }

func (s Spec) validate() error {
	switch {
	case s.FIFO && !fifoName.MatchString(s.Name):
		return fmt.Errorf("queue name %q: want 1 to 75 letters, digits, hyphens and underscores, and then .fifo", s.Name)
	case s.Internal() && (len(s.Name) > maxInternalName || !internalName.MatchString(s.Name)):
		return fmt.Errorf("queue name %q: want lower-case letters and then names, with slashes between them", s.Name)
	case !s.FIFO && !s.Internal() && !standardName.MatchString(s.Name):
		return fmt.Errorf("queue name %q: want 1 to 80 letters, digits, hyphens and underscores", s.Name)
	case s.DeduplicateByGroup && !s.FIFO:
		return fmt.Errorf("queue %s: DeduplicateByGroup is for FIFO queues", s.Name)
	}
	for _, d := range []struct {
		name          string
		value, lo, hi time.Duration
	}{
		{"Visibility", s.Visibility, 0, maxVisibility},
		{"Delay", s.Delay, 0, maxDelay},
		{"Retention", s.Retention, minRetention, maxRetention},
	} {
		if d.value < d.lo || d.value > d.hi {
			return fmt.Errorf("queue %s: %s is %v, want %v to %v", s.Name, d.name, d.value, d.lo, d.hi)
		}
		if d.value%time.Millisecond != 0 {
			return fmt.Errorf("queue %s: %s is %v, want whole milliseconds", s.Name, d.name, d.value)
		}
	}
	switch {
	case s.DeadLetter == "" && s.MaxReceives != 0:
		return fmt.Errorf("queue %s: MaxReceives is %d without a DeadLetter queue to move messages to", s.Name, s.MaxReceives)
	case s.DeadLetter != "" && (s.MaxReceives < 1 || s.MaxReceives > maxMaxReceives):
		return fmt.Errorf("queue %s: MaxReceives is %d, want 1 to %d", s.Name, s.MaxReceives, maxMaxReceives)
	}
	return nil
}

// validateDeadLetters checks that a queue's dead-letter queue is among all, and
// that the dead-letter queues from there on lead to an end: a message must not
// travel in a circle.
func (s Spec) validateDeadLetters(all map[string]Spec) error {
	if s.DeadLetter == "" || s.DeadLetter == s.Name {
		return nil
	}
	at, ok := all[s.DeadLetter]
	if !ok {
		return fmt.Errorf("queue %s: dead-letter queue %s: %w", s.Name, s.DeadLetter, ErrNoQueue)
	}
	if at.FIFO != s.FIFO {
		return fmt.Errorf("queue %s: dead-letter queue %s: one of the two is a FIFO queue and the other is not", s.Name, s.DeadLetter)
	}
	for range all {
		if at.Name == s.Name {
			return fmt.Errorf("queue %s: its dead-letter queues lead back to it", s.Name)
		}
		// A dead-letter queue further on may have been deleted, which ends the way.
		if at, ok = all[at.DeadLetter]; !ok {
			return nil
		}
	}
	return nil
}
