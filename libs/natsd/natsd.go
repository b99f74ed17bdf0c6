// Package natsd is the embedded nats-server.
package natsd

import (
	"errors"
	"log/slog"

	"github.com/nats-io/nats.go"
)

// Config says where the server keeps its data and whether it listens.
type Config struct {
	StoreDir  string // folder, made if missing
	Listen    string // host:port for other systems; empty for no TCP port
	MaxFile   int64  // bytes on disk; 0 = three quarters of what is free
	MaxMemory int64  // bytes for streams in memory; 0 = 256 MiB
	Log       *slog.Logger
}

// Server is one running server.
type Server struct{}

// ErrLocked is returned when another process uses the folder.
var ErrLocked = errors.New("folder is in use")

// Start starts the server and waits until it is ready.
func Start(c Config) (*Server, error) { return nil, errors.New("not finished") }

// InProcess connects without a network.
func (s *Server) InProcess() nats.InProcessConnProvider { return nil }

// SubscriberCreds is the content of the read-only credentials file for other systems.
func (s *Server) SubscriberCreds() []byte { return nil }

// URL is where other systems connect; empty when the server does not listen.
func (s *Server) URL() string { return "" }

// Stop stops the server and frees the folder.
func (s *Server) Stop() {}
