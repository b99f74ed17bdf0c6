package dbtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// startTimeout bounds how long initdb and the first connection may take.
const startTimeout = 60 * time.Second

// server is a Postgres of the machine's own binaries that only a Unix socket reaches.
type server struct {
	dir  string // data and socket; gone after stop
	cmd  *exec.Cmd
	log  bytes.Buffer // read only after done
	done chan struct{}
}

func startServer() (*server, error) {
	bin, err := binaries()
	if err != nil {
		return nil, err
	}
	who, err := owner()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "plimsoll-pg-")
	if err != nil {
		return nil, fmt.Errorf("make folder for Postgres: %w", err)
	}
	s := &server{dir: dir, done: make(chan struct{})}
	if err := s.start(bin, who); err != nil {
		return nil, errors.Join(fmt.Errorf("start Postgres: %w", err), os.RemoveAll(dir))
	}
	return s, nil
}

// binaries finds the newest Postgres the way Debian installs it, then on PATH.
func binaries() (string, error) {
	dirs, err := filepath.Glob("/usr/lib/postgresql/*/bin")
	if err != nil {
		return "", err
	}
	slices.Sort(dirs)
	for _, dir := range slices.Backward(dirs) {
		if _, err := os.Stat(filepath.Join(dir, "initdb")); err == nil {
			return dir, nil
		}
	}
	if path, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(path), nil
	}
	return "", fmt.Errorf("no Postgres on this machine: install postgresql (Debian: apt-get install postgresql) or set %s", EnvPostgres)
}

func (s *server) start(bin string, who *syscall.SysProcAttr) error {
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	if err := giveTo(who, s.dir); err != nil {
		return err
	}
	data := filepath.Join(s.dir, "data")
	initdb := exec.CommandContext(ctx, filepath.Join(bin, "initdb"), "-D", data, "-U", "postgres", "-A", "trust",
		"-E", "UTF8", "--locale=C", "--no-sync")
	initdb.SysProcAttr, initdb.Dir = who, s.dir
	if out, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, out)
	}
	s.cmd = exec.Command(filepath.Join(bin, "postgres"), "-D", data, "-k", s.dir, "-c", "listen_addresses=",
		"-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off", "-c", "max_connections=200")
	s.cmd.SysProcAttr, s.cmd.Dir = who, s.dir
	s.cmd.Stdout, s.cmd.Stderr = &s.log, &s.log
	if err := s.cmd.Start(); err != nil {
		return err
	}
	go func() {
		_ = s.cmd.Wait() // how it ended is in its log
		close(s.done)
	}()
	return s.await(ctx)
}

// await tries until the server answers or ends.
func (s *server) await(ctx context.Context) error {
	for {
		conn, err := pgx.Connect(ctx, s.url())
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-s.done:
			return fmt.Errorf("it ended: %s", s.log.String())
		case <-ctx.Done():
			s.stop()
			return fmt.Errorf("no answer: %w: %s", err, s.log.String())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func (s *server) url() string {
	return "postgres://postgres@/postgres?" + url.Values{"host": {s.dir}, "sslmode": {"disable"}}.Encode()
}

// stop ends the server without waiting for its clients and removes its data.
func (s *server) stop() {
	_ = s.cmd.Process.Signal(syscall.SIGQUIT) // immediate shutdown; an error means it has ended already
	<-s.done
	_ = os.RemoveAll(s.dir)
}
