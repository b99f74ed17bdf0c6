// Package service is the process shell of one service: environment, signals, log, bus connection, health
// port. It knows nothing about what the service does.
package service

import (
	"context"
	"log/slog"
	"runtime/debug"

	"plimsoll.internal/libs/bus"
)

// Version of this build, set by the linker; empty in a build by hand. Read it through [BuildVersion].
var Version string

// BuildVersion is the version set by the linker, else the commit the build was made from, else "dev".
func BuildVersion() string {
	if Version != "" {
		return Version
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "dev"
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return "dev-" + s.Value[:min(len(s.Value), 12)]
		}
	}
	return "dev"
}

// Deps is what every service is given to run with.
type Deps struct {
	Bus      *bus.Bus     // connected; Run calls Bus.Provision first
	Log      *slog.Logger // of this service
	Ready    func()       // Run calls it once, when it consumes
	Name     string       // of the service, like runner
	Instance string       // runner/<instance>, the source of its events
	DataDir  string       // folder for files this process keeps
	Version  string       // of this build
}

// Load reads the configuration of one service from the environment and reports every fault at once.
type Load[C any] = func(env func(string) string) (C, error)

// Run is one service. It blocks until ctx ends and returns nil after a clean stop.
type Run[C any] = func(ctx context.Context, d Deps, c C) error
