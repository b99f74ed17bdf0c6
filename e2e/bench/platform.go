package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"plimsoll.internal/libs/api"
	"plimsoll.internal/libs/events"
)

// measurePlatform starts `plimsoll up` on an empty folder and measures it from outside.
func measurePlatform(ctx context.Context, root, python string, tests int, d *document) error {
	data, err := os.MkdirTemp("", "plimsoll-bench-")
	if err != nil {
		return fmt.Errorf("make data folder: %w", err)
	}
	defer os.RemoveAll(data)
	p, err := startPlatform(ctx, root, python, data)
	if err != nil {
		return err
	}
	defer p.stop()
	d.add("`plimsoll up` ready on an empty folder", ms(p.readyAfter), "≤ 2 s", p.readyAfter <= 2*time.Second)

	memory, share, err := p.idle(ctx, 10*time.Second)
	if err != nil {
		return err
	}
	d.add("memory when idle (PSS)", fmt.Sprintf("%d MB", memory>>20), "≤ 150 MB", memory <= 150<<20)
	d.add("CPU when idle, share of one core", fmt.Sprintf("%.2f %%", share*100), "≤ 1 %", share <= 0.01)
	return p.measureTests(ctx, tests, d)
}

// platform is one running `plimsoll up`.
type platform struct {
	cmd        *exec.Cmd
	url        string
	readyAfter time.Duration
	client     *api.ClientWithResponses
	token      string
}

func startPlatform(ctx context.Context, root, python, data string) (*platform, error) {
	p := &platform{cmd: exec.CommandContext(ctx, filepath.Join(root, "bin", "plimsoll"), "up", "--data", data,
		"--listen", "127.0.0.1:0", "--nats-listen", "127.0.0.1:0", "--evalscope-python", python)}
	p.cmd.Stderr = os.Stderr
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("read output of plimsoll up: %w", err)
	}
	start := time.Now()
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start plimsoll up: %w", err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if _, rest, ok := strings.Cut(lines.Text(), "http://127.0.0.1:"); ok {
			port := rest[:strings.IndexFunc(rest+"/", func(r rune) bool { return r < '0' || r > '9' })]
			p.url = "http://127.0.0.1:" + port
			break
		}
	}
	if p.url == "" {
		p.stop()
		return nil, errors.New("plimsoll up says no address")
	}
	p.readyAfter = time.Since(start)
	go func() {
		for lines.Scan() { // keep reading, or the process would block
		}
	}()
	return p, p.signIn(ctx, filepath.Join(data, "bootstrap-token"))
}

func (p *platform) stop() {
	_ = p.cmd.Process.Signal(os.Interrupt)
	_ = p.cmd.Wait()
}

func (p *platform) signIn(ctx context.Context, tokenFile string) error {
	token, err := os.ReadFile(tokenFile)
	if err != nil {
		return fmt.Errorf("read bootstrap token: %w", err)
	}
	p.client, err = api.NewClientWithResponses(p.url+"/api/v1", api.WithRequestEditorFn(p.authorize))
	if err != nil {
		return fmt.Errorf("make client: %w", err)
	}
	bootstrap := strings.TrimSpace(string(token))
	res, err := p.client.RegisterWithResponse(ctx, api.RegisterJSONRequestBody{
		Name: "bench", Password: "steady-as-she-goes-1", BootstrapToken: &bootstrap,
	})
	if err != nil {
		return fmt.Errorf("register: %w", err)
	}
	if res.JSON201 == nil {
		return fmt.Errorf("register: %s: %s", res.Status(), res.Body)
	}
	p.token = res.JSON201.AccessToken
	return nil
}

func (p *platform) authorize(_ context.Context, r *http.Request) error {
	if p.token != "" {
		r.Header.Set("Authorization", "Bearer "+p.token)
	}
	return nil
}

// measureTests runs small tests one after another: what the platform adds around the generator, and how
// soon a watcher sees the first event.
func (p *platform) measureTests(ctx context.Context, n int, d *document) error {
	var overhead, first []float64
	for range n {
		id, seen, err := p.askAndWatch(ctx)
		if err != nil {
			return err
		}
		added, err := p.overhead(ctx, id)
		if err != nil {
			return err
		}
		first, overhead = append(first, seen), append(overhead, added)
	}
	over := percentile(overhead, 95)
	d.add(fmt.Sprintf("platform overhead, p95 of %d tests: (reported − requested) − time inside the generator", n),
		fmt.Sprintf("%.0f ms (p50 %.0f)", over, percentile(overhead, 50)), "≤ 500 ms", over <= 500)
	sse := percentile(first, 95)
	d.add("first SSE event after POST, p95", fmt.Sprintf("%.1f ms (p50 %.1f)", sse, percentile(first, 50)), "≤ 100 ms", sse <= 100)
	return nil
}

// askAndWatch posts a test, waits for the first live event and then for the end. It returns the
// milliseconds from the start of the POST to the first event.
func (p *platform) askAndWatch(ctx context.Context) (id string, firstMs float64, err error) {
	spec := []byte(`{"model":"sim-llm","engine":"llmsim","mode":"simulated","generator":"evalscope","input_length":64,
		"output_length":8,"concurrency":[4],"requests":8,"loop":1}`)
	start := time.Now()
	res, err := p.client.RunTestWithBodyWithResponse(ctx, nil, "application/json", bytes.NewReader(spec))
	if err != nil {
		return "", 0, fmt.Errorf("ask for a test: %w", err)
	}
	if res.JSON202 == nil {
		return "", 0, fmt.Errorf("ask for a test: %s: %s", res.Status(), res.Body)
	}
	id = res.JSON202.Id
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.url+"/api/v1/tests/"+id+"/events", nil)
	if err != nil {
		return "", 0, fmt.Errorf("watch test %s: %w", id, err)
	}
	_ = p.authorize(ctx, req)
	live, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", 0, fmt.Errorf("watch test %s: %w", id, err)
	}
	defer live.Body.Close()
	lines := bufio.NewScanner(live.Body)
	lines.Buffer(nil, 4<<20)
	for lines.Scan() {
		if firstMs == 0 && strings.HasPrefix(lines.Text(), "data:") {
			firstMs = float64(time.Since(start)) / float64(time.Millisecond)
		}
		if lines.Text() == "event: end" {
			return id, firstMs, nil
		}
	}
	return "", 0, fmt.Errorf("watch test %s: the stream ended early: %w", id, lines.Err())
}

// overhead is the time from requested to reported less the time inside the generator, in milliseconds.
func (p *platform) overhead(ctx context.Context, id string) (float64, error) {
	res, err := p.client.TraceTestWithResponse(ctx, id)
	if err != nil {
		return 0, fmt.Errorf("trace test %s: %w", id, err)
	}
	if res.JSON200 == nil {
		return 0, fmt.Errorf("trace test %s: %s", id, res.Status())
	}
	var asked, reported time.Time
	var inside float64
	for _, e := range res.JSON200.Events {
		switch events.Kind(e.Kind) {
		case events.KindRequested:
			asked = e.Time
		case events.KindReported:
			reported = e.Time
		case events.KindLevelDone:
			data, _ := json.Marshal(e.Data)
			var done events.LevelDone
			if err := json.Unmarshal(data, &done); err != nil {
				return 0, fmt.Errorf("read level_done of test %s: %w", id, err)
			}
			inside += done.Load.DurationMs
		}
	}
	if asked.IsZero() || reported.IsZero() {
		return 0, fmt.Errorf("test %s was not reported", id)
	}
	return float64(reported.Sub(asked))/float64(time.Millisecond) - inside, nil
}

func ms(d time.Duration) string { return fmt.Sprintf("%d ms", d.Milliseconds()) }
