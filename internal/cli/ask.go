package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/less-go/less/internal/plural"
)

// A question is a flag that has to have a value.
type question struct {
	flag, what string
	value      *string
}

// ask asks for the flags that have no value, where there is somebody to ask; it
// names all of them where there is not.
func (e Env) ask(questions ...question) error {
	var missing []question
	var flags []string
	for _, q := range questions {
		if *q.value == "" {
			missing = append(missing, q)
			flags = append(flags, "--"+q.flag)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	if !e.InTerminal {
		return fmt.Errorf("%s %s missing, and there is no terminal to ask", strings.Join(flags, ", "), plural.Agree(len(flags), "is", "are"))
	}
	in := bufio.NewReader(e.In)
	for _, q := range missing {
		for *q.value == "" {
			fmt.Fprintf(e.Err, "%s: ", q.what)
			line, err := in.ReadString('\n')
			*q.value = strings.TrimSpace(line)
			if err != nil && *q.value == "" {
				if errors.Is(err, io.EOF) {
					return fmt.Errorf("--%s is missing", q.flag)
				}
				return err
			}
		}
	}
	return nil
}
