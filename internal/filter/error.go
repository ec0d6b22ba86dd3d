package filter

import (
	"fmt"
	"unicode/utf16"
)

// An Error says why SNS refuses a policy or a scope.
type Error struct {
	// Message is what SNS writes after "Invalid parameter: ", or in the answer to
	// Subscribe after "Invalid parameter: Attributes Reason: ".
	Message string
}

func (e *Error) Error() string { return e.Message }

func refuse(text string) *Error { return &Error{"FilterPolicy: " + text} }

// maxSnippet is how much of the policy an error shows, in UTF-16 code units.
const maxSnippet = 500

// fail is an error at a column of the policy, which SNS shows with the policy. An
// answer of 2025, to a policy that is not JSON, had the policy redacted; whether
// these have it redacted too since then was not seen on AWS.
func (c *compiler) fail(column int, format string, args ...any) *Error {
	return refuse(fmt.Sprintf(format, args...) + c.at(column))
}

func (c *compiler) at(column int) string {
	return fmt.Sprintf("\n at [Source: (String)\"%s; line: 1, column: %d]", c.snippet(), column)
}

func (c *compiler) snippet() string {
	if len(c.source) <= maxSnippet {
		return c.source + `"`
	}
	units := utf16.Encode([]rune(c.source))
	if len(units) <= maxSnippet {
		return c.source + `"`
	}
	return fmt.Sprintf(`%s"[truncated %d chars]`, string(utf16.Decode(units[:maxSnippet])), len(units)-maxSnippet)
}
