package service

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"plimsoll.internal/libs/bus"
	"plimsoll.internal/libs/telemetry"
)

// The exit codes of a service process.
const (
	exitOK    = 0
	exitError = 1
	exitUsage = 2 // environment or arguments are wrong; starting again will not help
)

// retryPause is how long a process waits before it tries the broker again.
const retryPause = time.Second

// process is everything a run touches outside of itself.
type process struct {
	args    []string
	env     func(string) string
	stdout  io.Writer
	stderr  io.Writer
	signals <-chan os.Signal
	exit    func(code int) // at once, on the second signal
}

// Main runs one service as a process and exits: 0 after a clean stop, 1 on an error, 2 when the
// environment is wrong. The first interrupt or termination stops it gracefully, the second at once.
func Main[C any](name string, load Load[C], run Run[C]) {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	os.Exit(serve(name, process{
		args: os.Args[1:], env: os.Getenv, stdout: os.Stdout, stderr: os.Stderr, signals: signals, exit: os.Exit,
	}, load, run))
}

// serve is Main with its surroundings given; it returns the exit code.
func serve[C any](name string, p process, load Load[C], run Run[C]) int {
	if code, done := arguments(name, p); done {
		return code
	}
	s, settingsErr := loadSettings(p.env)
	c, loadErr := load(p.env)
	if err := errors.Join(settingsErr, loadErr); err != nil {
		_, _ = fmt.Fprintf(p.stderr, "%s: the environment is wrong:\n%s\n", name, indent(err))
		return exitUsage
	}
	ctx, stop := context.WithCancelCause(context.Background())
	defer stop(nil)
	done := make(chan struct{})
	defer close(done)
	go watchSignals(p, stop, done)

	log := telemetry.NewLogger(p.stderr, s.logLevel, s.logFormat).With("service", name)
	if err := runProcess(ctx, name, s, log, func(ctx context.Context, d Deps) error { return run(ctx, d, c) }); err != nil {
		_, _ = fmt.Fprintf(p.stderr, "%s: %s\n", name, oneLine(err))
		return exitError
	}
	return exitOK
}

func arguments(name string, p process) (code int, done bool) {
	switch {
	case len(p.args) == 0:
		return 0, false
	case p.args[0] == "-h" || p.args[0] == "--help" || p.args[0] == "help":
		_, _ = fmt.Fprintf(p.stdout, "%s is one service of Plimsoll. It takes no arguments; its environment:\n\n%s", name, usage)
		return exitOK, true
	case p.args[0] == "--version" || p.args[0] == "version":
		_, _ = fmt.Fprintln(p.stdout, name, BuildVersion())
		return exitOK, true
	}
	_, _ = fmt.Fprintf(p.stderr, "%s takes no arguments; run %s --help for its environment\n", name, name)
	return exitUsage, true
}

// watchSignals stops the process on the first signal and ends it on the second.
func watchSignals(p process, stop context.CancelCauseFunc, done <-chan struct{}) {
	for first := true; ; first = false {
		select {
		case <-done:
			return
		case s := <-p.signals:
			if !first {
				number, _ := s.(syscall.Signal)
				p.exit(128 + int(number))
				return
			}
			stop(fmt.Errorf("signal %v", s))
		}
	}
}

// runProcess gives run its surroundings and takes them down again.
func runProcess(ctx context.Context, name string, s settings, log *slog.Logger, run func(context.Context, Deps) error) error {
	if err := os.MkdirAll(s.dataDir, 0o700); err != nil {
		return fmt.Errorf("make data folder: %w", err)
	}
	instance := name + "/" + s.instance
	h := &health{name: name, instance: instance, version: BuildVersion()}
	h.state.Store(stateStarting)
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", s.healthAddr)
	if err != nil {
		return fmt.Errorf("listen for health checks (PLIMSOLL_HEALTH_ADDR): %w", err)
	}
	log.Info("process started", "instance", instance, "version", h.version, "health_addr", listener.Addr().String())

	healthCtx, stopHealth := context.WithCancel(context.WithoutCancel(ctx)) // answers until the very end
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return h.serve(healthCtx, listener) })
	group.Go(func() error {
		defer stopHealth()
		b, err := connect(ctx, bus.Config{Name: instance, URL: s.natsURL, CredentialsFile: s.natsCreds, Log: log})
		if err != nil || b == nil {
			return err
		}
		defer b.Close()
		h.check = b.Healthy
		defer context.AfterFunc(ctx, func() { h.state.Store(stateStopping) })()
		err = run(ctx, Deps{
			Bus: b, Log: log, Ready: func() { h.becomeReady(log) },
			Name: name, Instance: instance, DataDir: s.dataDir, Version: h.version,
		})
		if err != nil && (ctx.Err() == nil || !errors.Is(err, context.Canceled)) {
			return err
		}
		log.Info("process stopped")
		return nil
	})
	return group.Wait()
}

func (h *health) becomeReady(log *slog.Logger) {
	if h.state.CompareAndSwap(stateStarting, stateReady) {
		log.Info("process ready")
	}
}

// connect tries until the broker answers. It returns no bus when ctx ends first.
func connect(ctx context.Context, c bus.Config) (*bus.Bus, error) {
	for {
		b, err := bus.Connect(ctx, c)
		if err == nil {
			return b, nil
		}
		if ctx.Err() != nil {
			return nil, nil
		}
		c.Log.Warn("broker does not answer, trying again", "error", err)
		select {
		case <-time.After(retryPause):
		case <-ctx.Done():
			return nil, nil
		}
	}
}

func indent(err error) string {
	return "  " + strings.ReplaceAll(err.Error(), "\n", "\n  ")
}

func oneLine(err error) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(err.Error(), "\n", "; ")), " ")
}
