// Command llmsim serves a simulated LLM that speaks the OpenAI API and keeps to a fixed schedule.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"

	"plimsoll.internal/libs/llmsim"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	if err == nil || errors.Is(err, flag.ErrHelp) {
		return
	}
	fmt.Fprintln(os.Stderr, "llmsim:", err)
	stop()
	os.Exit(1)
}

func run(ctx context.Context, args []string, out, problems io.Writer) error {
	addr, profile, err := parse(args, problems)
	if err != nil {
		return err
	}
	return llmsim.New(profile).ListenAndServe(ctx, addr, func(baseURL string) { _, _ = fmt.Fprintln(out, baseURL) })
}

func parse(args []string, problems io.Writer) (addr string, p llmsim.Profile, err error) {
	f := flag.NewFlagSet("llmsim", flag.ContinueOnError)
	f.SetOutput(problems)
	f.StringVar(&addr, "addr", "127.0.0.1:8089", "address to listen on; port 0 for any")
	f.DurationVar(&p.TTFT, "ttft", 50*time.Millisecond, "time to the first token")
	f.DurationVar(&p.ITL, "itl", 10*time.Millisecond, "time between tokens")
	f.IntVar(&p.Context, "context", 0, "most tokens of prompt and answer together; 0 for no limit")
	f.Int64Var(&p.Seed, "seed", 1, "decides which requests meet a fault")
	f.DurationVar(&p.Faults.Pause, "fault-pause", 0, "length of stall and slow_headers; 0: until the client goes away")
	keyFile := f.String("key-file", "", "file with the API key that is wanted")
	f.Func("model", "name of a model it knows; repeat for several, none: every name", func(name string) error {
		p.Models = append(p.Models, name)
		return nil
	})
	f.Func("fault", fmt.Sprintf("share of requests with a fault, like cut=0.1; repeat for several of %v", llmsim.AllFaults), func(v string) error {
		return addFault(&p.Faults, v)
	})
	if err := f.Parse(args); err != nil {
		return "", p, err
	}
	if f.NArg() > 0 {
		return "", p, fmt.Errorf("unexpected argument %q", f.Arg(0))
	}
	if *keyFile != "" {
		key, err := os.ReadFile(*keyFile)
		if err != nil {
			return "", p, fmt.Errorf("read the API key: %w", err)
		}
		p.APIKey = strings.TrimSpace(string(key))
	}
	return addr, p, p.Faults.Check()
}

func addFault(f *llmsim.Faults, v string) error {
	name, share, ok := strings.Cut(v, "=")
	n, err := strconv.ParseFloat(share, 64)
	if !ok || err != nil {
		return fmt.Errorf("want NAME=SHARE with a share from 0 to 1")
	}
	if f.Share == nil {
		f.Share = map[llmsim.Fault]float64{}
	}
	f.Share[llmsim.Fault(name)] = n
	return nil
}
