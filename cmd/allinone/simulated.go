package allinone

import (
	"context"
	"fmt"
	"net"
	"time"

	"plimsoll.internal/libs/llmsim"
)

// The simulated target answers like a small, steady server.
const (
	simulatedTTFT = 50 * time.Millisecond
	simulatedITL  = 10 * time.Millisecond
)

// simulated is the running simulated target.
type simulated struct {
	url  string
	stop func()
}

// startSimulated serves the simulated target on a free port of this machine. It ends only when stop is
// called, so that a test in hand can end first.
func startSimulated(ctx context.Context) (*simulated, error) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	url, wait, err := llmsim.New(llmsim.Profile{TTFT: simulatedTTFT, ITL: simulatedITL}).Start(ctx, "127.0.0.1:0")
	if err != nil {
		cancel()
		return nil, fmt.Errorf("start simulated target: %w", err)
	}
	return &simulated{url: url, stop: func() {
		cancel()
		_ = wait() // it ends with the process; nothing is lost with it
	}}, nil
}

// listen opens the address of UI and API, so that a taken port is known before anything starts.
func listen(ctx context.Context, addr string) (net.Listener, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("listen for UI and API on %s (choose another with --listen): %w", addr, err)
	}
	return l, nil
}
