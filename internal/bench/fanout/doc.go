// Package fanout measures a topic's way to its queues through the wire protocols
// of AWS: its benchmark compares the engine's services with a stand-in that
// speaks as they do and keeps nothing.
package fanout
