package cli

import (
	"os"

	"golang.org/x/term"
)

// System is the world as the operating system has it.
func System(signals <-chan os.Signal) (Env, error) {
	dir, err := os.Getwd()
	if err != nil {
		return Env{}, err
	}
	env := Env{
		In: os.Stdin, Out: os.Stdout, Err: os.Stderr,
		InTerminal:  term.IsTerminal(int(os.Stdin.Fd())),
		OutTerminal: term.IsTerminal(int(os.Stdout.Fd())),
		ErrTerminal: term.IsTerminal(int(os.Stderr.Fd())),
		Getenv:      os.Getenv,
		LookupEnv:   os.LookupEnv,
		Dir:         dir,
		Signals:     signals,
		StartEngine: startEngine,
	}
	if env.OutTerminal {
		// A terminal that does not tell its width is one of unknown width.
		env.Width, _, _ = term.GetSize(int(os.Stdout.Fd()))
	}
	return env, nil
}

// color says whether Out shows colours.
func (e Env) color() bool {
	return e.OutTerminal && e.Getenv("NO_COLOR") == "" && e.Getenv("TERM") != "dumb"
}
