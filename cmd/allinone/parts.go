package allinone

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"plimsoll.internal/frontend"
	"plimsoll.internal/libs/service"
	"plimsoll.internal/services/archiver"
	"plimsoll.internal/services/auth"
	"plimsoll.internal/services/gateway"
	"plimsoll.internal/services/prober"
	"plimsoll.internal/services/reporter"
	"plimsoll.internal/services/runner"
)

// part is one service, ready to run.
type part struct {
	name string
	run  func(context.Context, service.Deps) error
}

// parts lists the six services.
func parts(c Config, simulatedURL string, web net.Listener) []part {
	return []part{
		with("gateway", gateway.Run, gateway.Config{Listener: web, UI: frontend.Dist(), DatabaseURL: c.DatabaseURL}),
		with("auth", auth.Run, auth.Config{DatabaseURL: c.DatabaseURL}),
		with("prober", prober.Run, prober.Config{SimulatedURL: simulatedURL, EvalscopePython: c.EvalscopePython}),
		with("runner", runner.Run, runner.Config{Slots: c.RunnerSlots, SimulatedURL: simulatedURL, EvalscopePython: c.EvalscopePython}),
		with("reporter", reporter.Run, reporter.Config{}),
		with("archiver", archiver.Run, archiver.Config{}),
	}
}

func with[C any](name string, run service.Run[C], c C) part {
	return part{name, func(ctx context.Context, d service.Deps) error { return run(ctx, d, c) }}
}

// inOrder sorts parts by the names given; parts that are not named come last.
func inOrder(all []part, names []string) []part {
	place := func(p part) int {
		if i := slices.Index(names, p.name); i >= 0 {
			return i
		}
		return len(names)
	}
	return slices.SortedStableFunc(slices.Values(all), func(a, b part) int { return place(a) - place(b) })
}

// readToken is the one-time token of the first account, empty once it is used.
func readToken(dataDir string) string {
	token, err := os.ReadFile(filepath.Join(dataDir, auth.BootstrapTokenFile))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(token))
}
