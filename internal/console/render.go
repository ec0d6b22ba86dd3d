package console

import (
	"fmt"
	"strings"

	"github.com/less-go/less/internal/activity"
)

// render is the line for e, with its newline, or "" for what is not shown.
func (c *Console) render(e activity.Event) string {
	parts := c.message(e)
	if len(parts) == 0 {
		return ""
	}
	who := c.names.get(e.Function)
	var line line
	line.color = c.opts.Color
	line.add(part{e.Time.In(c.opts.Location).Format(timeTemplate) + " ", dim})
	line.add(part{pad(who.group, c.names.group) + " ", who.color})
	if c.names.short > 0 {
		line.add(part{pad(who.short, c.names.short) + " ", who.color})
	}
	line.indent = line.column
	if c.opts.Terminal {
		// A very narrow window breaks lines wherever it likes.
		line.width = max(c.opts.Width, line.indent+minMessage)
	}
	for _, p := range parts {
		if c.opts.Terminal {
			p.text = cut(p.text)
		}
		p.text = strings.TrimRight(clean(strings.TrimRight(p.text, "\r\n")), "\n")
		line.add(p)
	}
	return line.text.String() + "\n"
}

// minMessage is how many columns a message gets however narrow the terminal.
const minMessage = 30

// message is what e has to say, nothing for what is not shown.
func (c *Console) message(e activity.Event) []part {
	switch e.Kind {
	case activity.Log:
		return logged(e.Line, c.opts.Verbose)
	case activity.Start:
		if c.opts.Verbose {
			return []part{{e.Line, dim}}
		}
	case activity.End:
		return c.ended(e)
	case activity.Request:
		return answered(e)
	case activity.Publish:
		return []part{{"published to " + e.Topic, dim}}
	case activity.Done:
		return []part{{done(e), green}}
	case activity.Retry:
		return c.retried(e)
	case activity.DeadLetter:
		return []part{
			{fmt.Sprintf("DEAD LETTER after %s", attempts(e.Attempt)), alarm},
			{withReason(fmt.Sprintf(" message %s is in %s", e.MessageID, e.Queue), e.Err), red},
		}
	case activity.Swap:
		return []part{{"serves the new code", green}}
	case activity.Notice:
		return noticed(e)
	default: // a kind that this version does not know
		return []part{{withReason(string(e.Kind)+" "+e.Line, e.Err), plain}}
	}
	return nil
}

// logged is a line of a function. That something went well is said by what comes of it
// already: a message is done, a request answered.
func logged(line string, verbose bool) []part {
	entry, ok := parseLog(line)
	switch {
	case !ok:
		return []part{{line, plain}}
	case entry.endedWell() && !verbose:
		return nil
	}
	color := plain
	switch {
	case strings.HasPrefix(entry.level, "ERROR"):
		color = red
	case strings.HasPrefix(entry.level, "WARN"):
		color = yellow
	case strings.HasPrefix(entry.level, "DEBUG"):
		color = dim
	}
	var parts []part
	if entry.level != "" && entry.level != "INFO" {
		parts = append(parts, part{entry.level + " ", color})
	}
	parts = append(parts, part{entry.msg, color})
	for _, attr := range entry.attrs {
		parts = append(parts, part{" " + attr, dim})
	}
	return parts
}

// ended shows Lambda's lines where they are wanted. A failed subscriber has a
// line about each of its messages; a failed route has this one.
func (c *Console) ended(e activity.Event) []part {
	var parts []part
	if c.opts.Verbose {
		parts = append(parts, part{e.Line, dim})
	}
	if e.Err != "" && c.names.get(e.Function).route {
		text := "failed: " + e.Err
		if len(parts) > 0 {
			text = "\n" + text
		}
		parts = append(parts, part{text, red})
	}
	return parts
}

func answered(e activity.Event) []part {
	color := green
	switch {
	case e.Status >= 500:
		color = red
	case e.Status >= 400:
		color = yellow
	}
	return []part{
		{e.Method + " " + e.Path + " ", plain},
		{fmt.Sprint(e.Status), color},
		{withReason(" in "+Duration(e.Duration), e.Err), dim},
	}
}

func done(e activity.Event) string {
	text := "done"
	if e.Duration > 0 {
		text += " in " + Duration(e.Duration)
	}
	if e.Attempt > 1 {
		text += fmt.Sprintf(", at attempt %s", of(e))
	}
	return text
}

func (c *Console) retried(e activity.Event) []part {
	text := fmt.Sprintf("attempt %s failed, ", of(e))
	if e.Next.IsZero() {
		text += "which was the last"
	} else {
		text += fmt.Sprintf("the next in %s at %s", Duration(e.Next.Sub(e.Time)), e.Next.In(c.opts.Location).Format("15:04:05"))
	}
	return []part{{text, yellow}, {withReason("", e.Err), red}}
}

func noticed(e activity.Event) []part {
	if e.Err == "" {
		return []part{{e.Line, plain}}
	}
	if strings.Contains(e.Line, e.Err) {
		return []part{{e.Line, red}}
	}
	return []part{{withReason(e.Line, e.Err), red}}
}

func of(e activity.Event) string {
	if e.MaxAttempts > 0 {
		return fmt.Sprintf("%d of %d", e.Attempt, e.MaxAttempts)
	}
	return fmt.Sprint(e.Attempt)
}

func attempts(n int) string {
	if n == 1 {
		return "1 attempt"
	}
	return fmt.Sprintf("%d attempts", n)
}

func withReason(text, reason string) string {
	if reason == "" {
		return text
	}
	return text + ": " + reason
}

// LogText is a line of a function's log as people read it, without what a console
// shows in columns, and without colour.
func LogText(line string) string {
	var text strings.Builder
	for _, p := range logged(line, true) {
		text.WriteString(p.text)
	}
	return clean(strings.TrimRight(text.String(), "\r\n"))
}
