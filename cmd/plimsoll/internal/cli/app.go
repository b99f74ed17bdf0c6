// Package cli is the command line: it asks the server over HTTP and prints what it says. Data goes to
// standard output, progress and errors to standard error.
package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"plimsoll.internal/cmd/show"
	"plimsoll.internal/libs/telemetry"
)

// Process is everything a command touches outside of itself.
type Process struct {
	Args    []string // without the name of the program
	Env     func(string) string
	In      io.Reader
	Out     io.Writer
	Err     io.Writer
	Signals <-chan os.Signal
	Exit    func(code int) // at once, on the second signal
}

// OS is the process this program runs in. It takes over the handling of signals.
func OS() Process {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	signal.Ignore(syscall.SIGPIPE) // a write to a closed pipe is an error, not the end
	return Process{
		Args: os.Args[1:], Env: os.Getenv, In: os.Stdin, Out: os.Stdout, Err: os.Stderr,
		Signals: signals, Exit: os.Exit,
	}
}

// App is what every command shares.
type App struct {
	Process
	Lang   show.Lang
	server string
	json   bool
	quiet  bool
	noAsk  bool
}

// Run carries out one command line and returns its exit code. Extra are commands of other packages.
func Run(p Process, extra ...func(*App) Command) int {
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	out := &stream{to: p.Out, stop: cancel}
	p.Out = out
	a := &App{Process: p, Lang: langOf(p)}
	done := make(chan struct{})
	defer close(done)
	go watchSignals(p, cancel, done)

	err := a.execute(ctx, extra)
	if failed := out.failed(); failed != nil {
		if broken(failed) {
			return ExitOK
		}
		err = fmt.Errorf("%s: %w", a.Lang.Say("write the output", "写输出"), failed)
	}
	if s, ok := interrupted(ctx); ok && (errors.As(err, new(signalled)) || errors.Is(err, context.Canceled)) {
		return s.code()
	}
	if err != nil && err.Error() != "" {
		report(p.Err, a.Lang, err)
	}
	return codeOfError(err)
}

// watchSignals ends the command on the first signal, the process on the second.
func watchSignals(p Process, cancel context.CancelCauseFunc, done <-chan struct{}) {
	for first := true; ; first = false {
		select {
		case <-done:
			return
		case s := <-p.Signals:
			if !first {
				p.Exit(signalled{s}.code())
				return
			}
			cancel(signalled{s})
		}
	}
}

// langOf looks for --lang before the flags are read: their help is in that language, too.
func langOf(p Process) show.Lang {
	for i, arg := range p.Args {
		value, found := cutFlag(arg, "--lang=")
		if arg == "--lang" && i+1 < len(p.Args) {
			value, found = p.Args[i+1], true
		}
		if found && (value == string(show.English) || value == string(show.Chinese)) {
			return show.Lang(value)
		}
	}
	return show.LangOf(p.Env)
}

func cutFlag(arg, prefix string) (string, bool) {
	if len(arg) > len(prefix) && arg[:len(prefix)] == prefix {
		return arg[len(prefix):], true
	}
	return "", false
}

// JSON reports that output is for programs.
func (a *App) JSON() bool { return a.json }

// PrintJSON writes one value, indented.
func (a *App) PrintJSON(v any) error {
	e := json.NewEncoder(a.Out)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// Say writes a line for people to standard error; --quiet hides it.
func (a *App) Say(en, zh string, args ...any) {
	if !a.quiet {
		_, _ = fmt.Fprintf(a.Err, a.Lang.Say(en, zh)+"\n", args...)
	}
}

// asks reports whether a person sits there to answer a question.
func (a *App) asks() bool {
	return !a.noAsk && telemetry.IsTerminal(a.In) && telemetry.IsTerminal(a.Err)
}

// progress draws on standard error.
func (a *App) progress() *show.Progress {
	out := a.Err
	if a.quiet {
		out = io.Discard
	}
	return &show.Progress{
		Out: out, Lang: a.Lang, Width: places(a.Err),
		Terminal: telemetry.IsTerminal(a.Err) && a.Env("TERM") != "dumb",
	}
}
