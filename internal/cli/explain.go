package cli

import (
	"errors"
	"fmt"

	"github.com/less-go/less/internal/engine"
	"github.com/less-go/less/internal/queue"
)

// explain adds the way out to an error whose author does not know the flags.
func (s *session) explain(err error) error {
	if errors.Is(err, queue.ErrDamaged) {
		return fmt.Errorf("%w. To begin anew: less-cli run --fresh", err)
	}
	var taken *engine.PortError
	if !errors.As(err, &taken) {
		return err
	}
	flag := "--port"
	if taken.Port == s.opts.awsPort {
		flag = "--aws-port"
	}
	way := fmt.Sprintf("Choose another port with %s", flag)
	if who := listener(taken.Port); who != "" {
		way = fmt.Sprintf("That is %s: stop it, or choose another port with %s", who, flag)
	}
	return fmt.Errorf("%w. %s", err, way)
}
