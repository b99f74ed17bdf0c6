package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"os"
	"strings"

	"plimsoll.internal/cmd/plimsoll/internal/cli"
)

// person types commands into a terminal.
type person struct {
	env map[string]string
}

// story is what the person types, one after the other.
func story(ctx context.Context, url, tokenFile, home, out string) error {
	p := &person{env: map[string]string{
		"PLIMSOLL_SERVER": url, "HOME": home, "XDG_CONFIG_HOME": home,
		"LANG": os.Getenv("LANG"), "LC_ALL": os.Getenv("LC_ALL"), "TERM": os.Getenv("TERM"), "NO_COLOR": os.Getenv("NO_COLOR"),
	}}
	password := rand.Text()
	if err := p.types(ctx, password, os.Stdout, "register", "--name", "captain", "--password-stdin", "--bootstrap-token-file", tokenFile); err != nil {
		return err
	}
	var id bytes.Buffer
	err := p.types(ctx, "", io.MultiWriter(&id, os.Stdout), "tests", "run", "--name", "demo", "--model", "sim-llm", "--engine", "llmsim",
		"--mode", "simulated", "--generator", "evalscope", "--input-length", "128", "--output-length", "64",
		"--concurrency", "2,8", "--loop", "2", "--requests", "24", "--warmup", "4")
	if err != nil {
		return err
	}
	test := strings.TrimSpace(id.String())
	for _, command := range [][]string{
		{"tests", "wait", test},
		{"trace", test},
		{"tests", "download", test, "--out", out},
		{"tests", "archive", test, "--wait", "30s"},
	} {
		if err := p.types(ctx, "", os.Stdout, command...); err != nil {
			return err
		}
	}
	return nil
}

// types runs one command line as the terminal would.
func (p *person) types(ctx context.Context, input string, out io.Writer, args ...string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	fmt.Printf("\n$ plimsoll %s\n", strings.Join(args, " "))
	signals := make(chan os.Signal, 1)
	stop := context.AfterFunc(ctx, func() { signals <- os.Interrupt })
	defer stop()
	code := cli.Run(cli.Process{
		Args: args, Env: func(name string) string { return p.env[name] },
		In: strings.NewReader(input), Out: out, Err: os.Stderr, Signals: signals, Exit: os.Exit,
	})
	if code != cli.ExitOK {
		return fmt.Errorf("plimsoll %s ended with exit code %d", strings.Join(args[:2], " "), code)
	}
	return nil
}
