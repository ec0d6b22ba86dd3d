// Package plural counts things for people.
package plural

import "strconv"

// Count is a number of things: "1 route", "6 topics".
func Count(n int, noun string) string { return strconv.Itoa(n) + " " + Agree(n, noun, noun+"s") }

// Agree is the form of a word that goes with n things.
func Agree(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}
