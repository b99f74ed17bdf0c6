// Package natsd is the nats-server as Plimsoll runs it: every write on disk before it is acknowledged, one
// process per folder, nobody without credentials, and for other systems one identity that can read the
// public events and the reports.
package natsd

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"plimsoll.internal/libs/folderlock"
)

// startTimeout bounds how long the server may take to read its data at start.
const startTimeout = time.Minute

// Config says where the server keeps its data and whether it listens.
type Config struct {
	StoreDir  string // folder, made if missing; keys in it have mode 0600
	Listen    string // host:port for other systems, port 0 for any free one; empty for no TCP port
	MaxFile   int64  // bytes on disk; 0 = three quarters of what is free at start
	MaxMemory int64  // bytes of streams in memory; 0 = 256 MiB
	Log       *slog.Logger
}

// Server is one running server.
type Server struct {
	server   *server.Server
	identity *identity
	lock     *folderlock.Lock
	listens  bool
}

// Start starts the server and waits until it is ready. A folder another process uses is refused with [folderlock.ErrHeld].
func Start(c Config) (*Server, error) {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if err := os.MkdirAll(c.StoreDir, 0o700); err != nil {
		return nil, fmt.Errorf("make broker folder: %w", err)
	}
	// The server itself does not look: two on one folder both start.
	lock, err := folderlock.Take(c.StoreDir)
	if err != nil {
		return nil, err
	}
	s, err := start(c)
	if err != nil {
		lock.Release()
		return nil, err
	}
	s.lock = lock
	return s, nil
}

func start(c Config) (*Server, error) {
	id, err := loadIdentity(filepath.Join(c.StoreDir, identityFile))
	if err != nil {
		return nil, err
	}
	opts, err := options(c, id)
	if err != nil {
		return nil, err
	}
	srv, err := server.NewServer(opts)
	if err != nil {
		return nil, fmt.Errorf("make broker: %w", err)
	}
	srv.SetLoggerV2(&logger{log: c.Log.With("part", "broker")}, false, false, false)
	srv.Start()
	s := &Server{server: srv, identity: id, listens: c.Listen != ""}
	if err := s.check(c); err != nil {
		srv.Shutdown()
		srv.WaitForShutdown()
		return nil, err
	}
	return s, nil
}

// check makes sure that what runs is what was asked for.
func (s *Server) check(c Config) error {
	if !s.server.ReadyForConnections(startTimeout) {
		if c.Listen != "" {
			return fmt.Errorf("broker is not ready after %s; is %s in use by another program?", startTimeout, c.Listen)
		}
		return fmt.Errorf("broker is not ready after %s; is %s readable and writable?", startTimeout, c.StoreDir)
	}
	if !s.server.JetStreamEnabled() {
		return fmt.Errorf("broker runs without JetStream; is %s writable?", c.StoreDir)
	}
	if !s.server.JetStreamConfig().SyncAlways {
		return errors.New("broker would acknowledge before data is on disk; sync_interval must be always")
	}
	return s.load()
}

// load opens the accounts and their streams. The server would do it when the first client comes, while
// others already make streams, and take their half-made folders for damage.
func (s *Server) load() error {
	for _, key := range []string{s.identity.accountKey, s.identity.outsideKey} {
		if _, err := s.server.LookupAccount(key); err != nil {
			return fmt.Errorf("open broker account: %w", err)
		}
	}
	return nil
}

// options turns the config text into what the server wants, and fails early when the address is taken.
func options(c Config, id *identity) (*server.Options, error) {
	text, err := configText(c, id)
	if err != nil {
		return nil, err
	}
	opts := &server.Options{}
	if err := opts.ProcessConfigString(text); err != nil {
		return nil, fmt.Errorf("read broker config: %w", err)
	}
	opts.NoSigs = true // the process owns its signals
	if c.Listen == "" {
		opts.DontListen = true
		return opts, nil
	}
	host, port, err := splitAddress(c.Listen)
	if err != nil {
		return nil, err
	}
	opts.Host, opts.Port = host, port
	if port == 0 {
		opts.Port = server.RANDOM_PORT
		return opts, nil
	}
	return opts, probeAddress(c.Listen)
}

func splitAddress(address string) (host string, port int, err error) {
	host, text, err := net.SplitHostPort(address)
	if err != nil {
		return "", 0, fmt.Errorf("broker address %q is not host:port: %w", address, err)
	}
	port, err = strconv.Atoi(text)
	if err != nil || port < 0 || port > 65535 {
		return "", 0, fmt.Errorf("broker address %q: port must be 0 to 65535", address)
	}
	return host, port, nil
}

// probeAddress turns a taken port into an error at once; the server itself would only log it and never be ready.
func probeAddress(address string) error {
	var lc net.ListenConfig
	l, err := lc.Listen(context.Background(), "tcp", address)
	if err != nil {
		return fmt.Errorf("listen for other systems on %s: %w", address, err)
	}
	return l.Close()
}

// InProcess connects without a network, as the identity of the services.
func (s *Server) InProcess() nats.InProcessConnProvider {
	return inProcess{server: s.server, jwt: s.identity.serviceJWT, seed: s.identity.serviceSeed}
}

// inProcess also carries who connects; package bus looks for Credentials.
type inProcess struct {
	server    *server.Server
	jwt, seed string
}

func (p inProcess) InProcessConn() (net.Conn, error) { return p.server.InProcessConn() }

// Credentials is the user JWT and the seed that signs the server's nonce.
func (p inProcess) Credentials() (jwt, seed string) { return p.jwt, p.seed }

// SubscriberCreds is the content of the read-only .creds file for other systems; it stays valid over restarts.
func (s *Server) SubscriberCreds() []byte { return s.identity.subscriberCreds }

// WriteSubscriberCreds writes [Server.SubscriberCreds] to path with mode 0600.
func (s *Server) WriteSubscriberCreds(path string) error {
	return writeSecret(path, s.identity.subscriberCreds)
}

// URL is where other systems connect; empty when the server does not listen.
func (s *Server) URL() string {
	if !s.listens {
		return ""
	}
	return "nats://" + s.server.Addr().String()
}

// Stop stops the server, waits until everything is on disk and frees the folder. It may be called twice.
func (s *Server) Stop() {
	s.server.Shutdown()
	s.server.WaitForShutdown()
	s.lock.Release()
}
