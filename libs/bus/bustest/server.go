package bustest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"plimsoll.internal/libs/natsd"
)

const serverModule = "github.com/nats-io/nats-server/v2"

// embedded is the server inside the test process.
type embedded struct {
	dir    string
	log    *slog.Logger
	listen string
	server *natsd.Server
}

func (e *embedded) start() (string, error) {
	if e.listen == "" {
		e.listen = "127.0.0.1:0"
	}
	s, err := natsd.Start(natsd.Config{StoreDir: e.dir, Listen: e.listen, Log: e.log})
	if err != nil {
		return "", err
	}
	e.server = s
	e.listen = strings.TrimPrefix(s.URL(), "nats://")
	return s.URL(), nil
}

func (e *embedded) stop() {
	if e.server != nil {
		e.server.Stop()
		e.server = nil
	}
}

func (e *embedded) kill() error {
	return errors.New("only a broker in a process of its own can be killed")
}

// process is a nats-server of its own, with the same configuration as the embedded one.
type process struct {
	binary, dir, listen string
	cmd                 *exec.Cmd
}

// StartProcess is Start with a separate nats-server process, built from the module the embedded server is
// from. The first build takes a while; later ones find it in the build cache.
func StartProcess(t testing.TB) *Broker {
	t.Helper()
	binary, err := buildServer(t.Context())
	if err != nil {
		t.Fatalf("build nats-server: %v", err)
	}
	return run(t, func(dir string, _ *slog.Logger) server { return &process{binary: binary, dir: dir} })
}

func (p *process) start() (string, error) {
	if p.listen == "" {
		free, err := freeAddress()
		if err != nil {
			return "", err
		}
		p.listen = free
	}
	files, err := natsd.WriteFiles(natsd.Config{StoreDir: p.dir, Listen: p.listen})
	if err != nil {
		return "", err
	}
	log, err := os.OpenFile(filepath.Join(p.dir, "server.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return "", err
	}
	defer func() { _ = log.Close() }()
	p.cmd = exec.Command(p.binary, "-c", files.Config) //nolint:noctx // it outlives every context; stop or kill ends it
	p.cmd.Stdout, p.cmd.Stderr = log, log
	if err := p.cmd.Start(); err != nil {
		return "", fmt.Errorf("start %s: %w", p.binary, err)
	}
	if err := awaitListening(p.listen, 30*time.Second); err != nil {
		_ = p.kill()
		text, _ := os.ReadFile(log.Name())
		return "", fmt.Errorf("%w; its log says:\n%s", err, text)
	}
	return "nats://" + p.listen, nil
}

func (p *process) stop() {
	if p.cmd == nil {
		return
	}
	_ = p.cmd.Process.Signal(os.Interrupt)
	_ = p.cmd.Wait()
	p.cmd = nil
}

func (p *process) kill() error {
	if p.cmd == nil {
		return nil
	}
	err := p.cmd.Process.Kill()
	_ = p.cmd.Wait()
	p.cmd = nil
	return err
}

func freeAddress() (string, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("find a free port: %w", err)
	}
	return l.Addr().String(), l.Close()
}

func awaitListening(address string, limit time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	var d net.Dialer
	for {
		c, err := d.DialContext(ctx, "tcp", address)
		if err == nil {
			return c.Close()
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("nats-server does not listen on %s after %s: %w", address, limit, err)
		}
	}
}

// buildServer builds nats-server in the version package natsd embeds, once per version.
func buildServer(ctx context.Context) (string, error) {
	libs, err := goTool(ctx, "", "list", "-m", "-f", "{{.Dir}}", "plimsoll.internal/libs")
	if err != nil {
		return "", err
	}
	version, err := goTool(ctx, libs, "list", "-m", "-f", "{{.Version}}", serverModule)
	if err != nil {
		return "", err
	}
	dir := filepath.Join(os.TempDir(), fmt.Sprintf("plimsoll-nats-server-%d", os.Getuid()))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	binary := filepath.Join(dir, "nats-server-"+version)
	if _, err := os.Stat(binary); err == nil {
		return binary, nil
	}
	fresh := fmt.Sprintf("%s.%d", binary, os.Getpid()) // renamed when whole: tests of other packages build too
	if _, err := goTool(ctx, libs, "build", "-o", fresh, serverModule); err != nil {
		return "", err
	}
	return binary, os.Rename(fresh, binary)
}

func goTool(ctx context.Context, dir string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = dir
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("go %s: %w: %s", strings.Join(args, " "), err, stderr.String())
	}
	return strings.TrimSpace(string(out)), nil
}
