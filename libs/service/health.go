package service

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

// The states of a process as /readyz tells them.
const (
	stateStarting = "starting"
	stateReady    = "ready"
	stateStopping = "stopping"
)

// health answers /livez and /readyz of one process.
type health struct {
	name, instance, version string
	state                   atomic.Value // string
	check                   func(ctx context.Context) error
}

// healthAnswer is the body of both.
type healthAnswer struct {
	Status   string `json:"status"` // alive, starting, ready, stopping or degraded
	Service  string `json:"service"`
	Instance string `json:"instance"`
	Version  string `json:"version"`
	Reason   string `json:"reason,omitempty"`
}

func (h *health) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) {
		h.answer(w, http.StatusOK, "alive", "")
	})
	mux.HandleFunc("GET /readyz", h.readyz)
	return mux
}

func (h *health) readyz(w http.ResponseWriter, r *http.Request) {
	state, _ := h.state.Load().(string)
	if state != stateReady {
		h.answer(w, http.StatusServiceUnavailable, state, "")
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), time.Second)
	defer cancel()
	if err := h.check(ctx); err != nil {
		h.answer(w, http.StatusServiceUnavailable, "degraded", "the broker does not answer")
		return
	}
	h.answer(w, http.StatusOK, state, "")
}

func (h *health) answer(w http.ResponseWriter, code int, status, reason string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(healthAnswer{status, h.name, h.instance, h.version, reason})
}

// serve answers on the listener until ctx ends.
func (h *health) serve(ctx context.Context, l net.Listener) error {
	server := &http.Server{Handler: h.handler(), ReadHeaderTimeout: 5 * time.Second}
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		<-ctx.Done()
		_ = server.Close()
	}()
	err := server.Serve(l)
	<-stopped
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}
