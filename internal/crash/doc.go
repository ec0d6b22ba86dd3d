// Package crash proves that nothing acknowledged is lost when the engine dies: its
// test runs the engine as a process of its own, has writers and consumers work with
// it over the wire, kills it at random moments and at each named step, and after
// every death compares what is on disk with what it has seen acknowledged.
package crash
