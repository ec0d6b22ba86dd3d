package filter

import "fmt"

// What SNS accepts at most.
const (
	maxKeys         = 5
	maxCombinations = 150
)

// overLimit says which limit a policy is over, or nil. Which of them SNS looks at
// first was not seen.
func overLimit(root *node) *Error {
	switch {
	case keys(root) > maxKeys:
		return refuse(fmt.Sprintf("Filter policy can not have more than %d keys", maxKeys))
	case combinations(root, 1) > maxCombinations:
		return refuse("Filter policy is too complex")
	}
	return nil
}

// combinations is what SNS limits: for every rule the product of its fields, each
// of which counts as many as it has values, times the number of keys that lead to
// it. The object is depth keys deep, the outermost 1. What is above the limit is
// returned as just above it.
func combinations(n *node, depth int) int {
	product := 1
	for i, item := range n.items {
		factor := 1
		switch {
		case isOr(n.keys[i], item):
			factor = 0
			for _, alternative := range item.items {
				factor = min(factor+combinations(alternative, depth), maxCombinations+1)
			}
		case item.kind == object:
			factor = combinations(item, depth+1)
		case item.kind == array:
			factor = max(len(item.items), 1) * depth
		}
		product = min(product*factor, maxCombinations+1)
	}
	return product
}

// keys is how many keys of the message a rule of the policy looks at, at most. Only
// those count that lead to a list of values, as documented, and "$or" stands for
// those in the longest of its objects, which was not seen on AWS.
func keys(n *node) int {
	count := 0
	for i, item := range n.items {
		switch {
		case isOr(n.keys[i], item):
			longest := 0
			for _, alternative := range item.items {
				longest = max(longest, keys(alternative))
			}
			count += longest
		case item.kind == object:
			count += keys(item)
		default:
			count++
		}
	}
	return count
}
