package console

import "fmt"

// write is the goroutine that writes to a terminal.
func (c *Console) write(wake <-chan struct{}) {
	defer close(c.written)
	for range wake {
		c.flush()
	}
	c.flush()
}

// flush writes all that waits. It holds no lock meanwhile: a terminal may take
// its time.
func (c *Console) flush() {
	for {
		c.mu.Lock()
		text, lost := c.pending, c.lost
		c.pending, c.lost = nil, 0
		c.mu.Unlock()
		if lost > 0 {
			text = fmt.Appendf(text, "... %d lines are not shown, the terminal took none\n", lost)
		}
		if len(text) == 0 {
			return
		}
		if _, err := c.out.Write(text); err != nil {
			c.mu.Lock()
			if c.err == nil {
				c.err = err
			}
			c.mu.Unlock()
			return
		}
	}
}
