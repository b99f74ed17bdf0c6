package llmsim

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"
)

// stopGrace is how long Serve waits for answers that are nearly done.
const stopGrace = time.Second

// Serve answers on l until ctx ends, then closes everything. It may be called once.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	web := &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute}
	ended := make(chan error, 1)
	go func() { ended <- web.Serve(l) }()
	select {
	case err := <-ended:
		return fmt.Errorf("serve simulated model on %s: %w", l.Addr(), err)
	case <-ctx.Done():
	}
	s.stopOnce.Do(func() { close(s.stop) })
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopGrace)
	defer cancel()
	err := web.Shutdown(grace)
	if errors.Is(err, context.DeadlineExceeded) {
		err = web.Close()
	}
	<-ended
	if err != nil {
		return fmt.Errorf("stop simulated model: %w", err)
	}
	return nil
}

// ListenAndServe serves on addr (host:port, port 0 for any) until ctx ends; ready gets the base URL.
func (s *Server) ListenAndServe(ctx context.Context, addr string, ready func(baseURL string)) error {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", addr)
	if err != nil {
		return fmt.Errorf("listen for the simulated model on %s: %w", addr, err)
	}
	if ready != nil {
		ready(baseURL(l.Addr()))
	}
	return s.Serve(ctx, l)
}

// Start serves on addr in the background until ctx ends; wait returns when it has stopped.
func (s *Server) Start(ctx context.Context, addr string) (base string, wait func() error, err error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", addr)
	if err != nil {
		return "", nil, fmt.Errorf("listen for the simulated model on %s: %w", addr, err)
	}
	done := make(chan struct{})
	var ended error
	go func() {
		defer close(done)
		ended = s.Serve(ctx, l)
	}()
	return baseURL(l.Addr()), func() error { <-done; return ended }, nil
}

func baseURL(a net.Addr) string { return "http://" + a.String() + "/v1" }
