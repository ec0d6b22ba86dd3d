// Package order is what the services say to each other: a food order.
package order

// A Request is an order as the customer sends it.
type Request struct {
	Customer string   `json:"customer"`
	Items    []string `json:"items"`
	// Simulate pins how the restaurant answers, to see one branch of the
	// workflow at will. Without it the restaurant decides by the toss of a coin.
	Simulate Outcome `json:"simulate,omitempty"`
}

// An Order is a request that was accepted: its fields, and an id.
type Order struct {
	ID string `json:"id"`
	Request
}

// An Outcome is what the restaurant does with an order.
type Outcome string

// The outcomes an order can pin.
const (
	// Confirm lets the order succeed.
	Confirm Outcome = "confirm"
	// Reject makes the restaurant decline it, which leads to a refund.
	Reject Outcome = "reject"
	// Crash makes the restaurant's subscriber fail at each attempt, until the
	// message is in the dead-letter queue.
	Crash Outcome = "crash"
)

// Valid says whether o is one of the outcomes, or none.
func (o Outcome) Valid() bool {
	switch o {
	case "", Confirm, Reject, Crash:
		return true
	}
	return false
}
