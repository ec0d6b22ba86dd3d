package cloudformation

import (
	"maps"
	"slices"
)

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// inOrder calls do for each id of waits when do has returned for all that it waits for, and at the same time where it can. What waits
// for one that failed is not done; after a failure nothing is begun at all where stop is set. It returns the errors by id.
func inOrder(waits map[string][]string, stop bool, do func(id string) error) map[string]error {
	type result struct {
		id  string
		err error
	}
	left := map[string]int{}
	next := map[string][]string{}
	var ready []string
	for _, id := range sortedKeys(waits) {
		for _, on := range waits[id] {
			if _, in := waits[on]; in {
				left[id]++
				next[on] = append(next[on], id)
			}
		}
		if left[id] == 0 {
			ready = append(ready, id)
		}
	}
	failed := map[string]error{}
	results := make(chan result)
	for running := 0; running > 0 || len(ready) > 0; {
		for _, id := range ready {
			running++
			go func() { results <- result{id, do(id)} }()
		}
		ready = nil
		r := <-results
		running--
		if r.err != nil {
			failed[r.id] = r.err
			continue
		}
		for _, id := range next[r.id] {
			if left[id]--; left[id] == 0 && (len(failed) == 0 || !stop) {
				ready = append(ready, id)
			}
		}
	}
	return failed
}

// reverse returns who waits for whom when all is taken away.
func reverse(waits map[string][]string) map[string][]string {
	out := map[string][]string{}
	for id := range waits {
		out[id] = nil
	}
	for _, id := range sortedKeys(waits) {
		for _, on := range waits[id] {
			if _, in := waits[on]; in {
				out[on] = append(out[on], id)
			}
		}
	}
	return out
}
