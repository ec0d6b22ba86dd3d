package filter

import (
	"math"
	"strconv"
	"strings"
)

// A quantity is a number as SNS compares it: in units of the fifth digit behind
// the decimal point. Whether SNS rounds or cuts what follows was not seen on AWS.
type quantity int64

const (
	perUnit     = 1e5
	largest     = 1e9
	maxQuantity = quantity(perUnit * largest)
)

// outOfRange is what Event Ruler says of a number that it cannot compare, with
// SNS's documented bounds. It was not seen on AWS.
const outOfRange = "Value must be between -1.0E9 and 1.0E9, inclusive"

// parseQuantity reads a number as JSON or the value of a Number attribute writes
// it. It reports false for one outside of SNS's range, or none.
func parseQuantity(text string) (quantity, bool) {
	// ParseFloat also takes infinities, hexadecimal digits and underscores.
	if strings.Trim(text, "0123456789+-.eE") != "" {
		return 0, false
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || math.Abs(f) > largest {
		return 0, false
	}
	return quantity(math.Round(f * perUnit)), true
}
