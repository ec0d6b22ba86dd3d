// Package near guesses what a misspelt name was meant to be.
package near

// Name is the candidate that name most likely was meant to be: at most
// two letters away, and closer than half of name; "" where there is none.
func Name(name string, candidates []string) string {
	best, bestDistance := "", min(3, (len(name)+1)/2)
	for _, candidate := range candidates {
		if d := distance(name, candidate); d < bestDistance {
			best, bestDistance = candidate, d
		}
	}
	return best
}

// distance counts the letters to insert, delete or replace to turn a into b.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replace := diagonal
			if a[i] != b[j] {
				replace++
			}
			diagonal = row[j+1]
			row[j+1] = min(replace, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

// Hint is a sentence, "Did you mean x? ", to put before a way out, or "".
func Hint(name string, candidates []string) string {
	if near := Name(name, candidates); near != "" {
		return "Did you mean " + near + "? "
	}
	return ""
}
