// Command demo starts the platform in one process and does what a newcomer would do on the command line:
// sign in, run one test of the simulated target, read the result, look at its events, download the
// workbook, archive it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"plimsoll.internal/cmd/allinone"
	"plimsoll.internal/libs/evalscope"
	"plimsoll.internal/libs/service"
	"plimsoll.internal/libs/telemetry"
)

// readyWithin bounds the start of the platform.
const readyWithin = 30 * time.Second

func main() {
	dir := flag.String("evalscope-dir", ".evalscope", "folder of the evalscope environment")
	out := flag.String("out", "out", "folder for the workbook")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *dir, *out); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		stop()
		os.Exit(1)
	}
}

// run starts the platform on a folder of its own, tells the story and stops it again.
func run(ctx context.Context, evalscopeDir, out string) (err error) {
	data, err := os.MkdirTemp("", "plimsoll-demo-")
	if err != nil {
		return fmt.Errorf("make data folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(data)) }()
	if err := os.MkdirAll(out, 0o755); err != nil {
		return fmt.Errorf("make folder for the workbook: %w", err)
	}
	platform, stop := context.WithCancel(context.WithoutCancel(ctx))
	ready := make(chan allinone.Info, 1)
	ended := make(chan error, 1)
	go func() {
		ended <- allinone.Run(platform, allinone.Config{
			DataDir: data, Listen: "127.0.0.1:0", NATSListen: "off", RunnerSlots: 1,
			EvalscopePython: evalscope.PythonIn(evalscopeDir), Version: service.BuildVersion(),
			Log: telemetry.NewLogger(os.Stderr, slog.LevelWarn, ""),
		}, func(i allinone.Info) { ready <- i })
	}()
	select {
	case info := <-ready:
		fmt.Printf("Plimsoll runs in one process on %s\n", info.URL)
		err = story(ctx, info.URL, filepath.Join(data, "bootstrap-token"), data, out)
	case err = <-ended:
		stop()
		return fmt.Errorf("start the platform: %w", errors.Join(err, errors.New("it ended before it was ready")))
	case <-time.After(readyWithin):
		err = fmt.Errorf("the platform is not ready after %s", readyWithin)
	case <-ctx.Done():
		err = ctx.Err()
	}
	stop()
	if stopErr := <-ended; stopErr != nil {
		return errors.Join(err, fmt.Errorf("stop the platform: %w", stopErr))
	}
	if err == nil {
		fmt.Println("\nStopped cleanly.")
	}
	return err
}
