// Command less-cli makes, runs and deploys applications whose architecture is a
// folder tree. See package less.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/less-go/less/internal/cli"
)

func main() {
	signals := make(chan os.Signal, 2) // one to stop in order, one to stop at once
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	env, err := cli.System(signals)
	if err != nil {
		fmt.Fprintln(os.Stderr, "[less-cli] ERROR:", err)
		os.Exit(1)
	}
	os.Exit(cli.Main(context.Background(), os.Args[1:], env))
}
