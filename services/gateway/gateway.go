// Package gateway is the HTTP API and the web pages: it turns requests into events and shows what the
// events came to.
package gateway

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"plimsoll.internal/libs/db"
	"plimsoll.internal/libs/evalscope"
	"plimsoll.internal/libs/service"
	"plimsoll.internal/libs/spec"
	"plimsoll.internal/services/gateway/internal/front"
	"plimsoll.internal/services/gateway/internal/live"
	"plimsoll.internal/services/gateway/internal/projector"
	"plimsoll.internal/services/gateway/internal/readmodel"
	"plimsoll.internal/services/gateway/internal/reaper"
	"plimsoll.internal/services/gateway/internal/rest"
	"plimsoll.internal/services/gateway/internal/token"
)

// How long others may take. Answers have no limit of their own: a live stream is open as long as its test.
const (
	readHeaderTimeout = 10 * time.Second
	readTimeout       = 60 * time.Second // a whole request with its body
	idleTimeout       = 120 * time.Second
	pingEvery         = 15 * time.Second
)

// Run serves until ctx ends.
func Run(ctx context.Context, d service.Deps, c Config) error {
	c, err := c.complete()
	if err != nil {
		return err
	}
	if err := d.Bus.Provision(ctx); err != nil {
		return fmt.Errorf("provision the broker: %w", err)
	}
	store, err := readmodel.Open(ctx, db.Config{
		URL: c.DatabaseURL, SQLitePath: filepath.Join(d.DataDir, "gateway.db"), Schema: "gateway",
	})
	if err != nil {
		return err
	}
	defer store.Close() //nolint:errcheck // nothing is left to write
	if c.Rebuild {
		if err := store.Forget(ctx); err != nil {
			return err
		}
	}
	if c.Listener == nil {
		if c.Listener, err = (&net.ListenConfig{}).Listen(ctx, "tcp", c.Addr); err != nil {
			return fmt.Errorf("listen for requests (PLIMSOLL_LISTEN): %w", err)
		}
	}
	g := &gateway{deps: d, conf: c, store: store, hub: live.NewHub(), keys: &token.Keys{}}
	return g.run(ctx)
}

// gateway is the running service.
type gateway struct {
	deps  service.Deps
	conf  Config
	store *readmodel.Store
	hub   *live.Hub
	keys  *token.Keys
}

func (g *gateway) run(ctx context.Context) error {
	d := g.deps
	project := &projector.Projector{Bus: d.Bus, Store: g.store, Log: d.Log, Tell: g.hub.Event, Ready: d.Ready}
	handler, err := g.handler(project)
	if err != nil {
		return errors.Join(err, g.conf.Listener.Close())
	}
	end := &reaper.Reaper{
		Bus: d.Bus, Store: g.store, Log: d.Log, Source: d.Instance,
		Every: g.conf.ReapAfter / 3, Silence: g.conf.ReapAfter, Now: time.Now,
	}
	// What answers requests in hand goes on until they are answered; only then everything else stops.
	back, stopBack := context.WithCancel(context.WithoutCancel(ctx))
	group, back := errgroup.WithContext(back)
	group.Go(func() error { return project.Run(back) })
	group.Go(func() error { return g.keys.Follow(back, d.Bus, d.Log) })
	group.Go(func() error { return live.FollowTicks(back, d.Bus, g.hub, d.Log) })
	group.Go(func() error { return end.Run(back) })
	err = g.serve(ctx, handler)
	stopBack()
	return errors.Join(err, group.Wait())
}

// serve answers until ctx ends, then lets requests in hand finish.
func (g *gateway) serve(ctx context.Context, handler http.Handler) error {
	server := &http.Server{
		Handler: handler, ReadHeaderTimeout: readHeaderTimeout, ReadTimeout: readTimeout, IdleTimeout: idleTimeout,
		ErrorLog: slog.NewLogLogger(g.deps.Log.Handler(), slog.LevelDebug),
	}
	stopped := make(chan error, 1)
	go func() {
		<-ctx.Done()
		g.hub.Close()
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), g.conf.StopTimeout)
		defer cancel()
		stopped <- errors.Join(server.Shutdown(ctx), server.Close())
	}()
	g.deps.Log.Info("listening", "addr", g.conf.Listener.Addr().String())
	if err := server.Serve(g.conf.Listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve requests: %w", err)
	}
	if err := <-stopped; err != nil {
		g.deps.Log.Warn("requests in hand were broken off", "error", err)
	}
	return nil
}

func (g *gateway) handler(project *projector.Projector) (http.Handler, error) {
	public, err := g.conf.publicURL()
	if err != nil {
		return nil, err
	}
	operations := g.operations(project, public)
	f := front.Front{
		Operations: operations, Keys: g.keys, Health: g.health(project), PublicURL: public, Log: g.deps.Log,
		Denied: operations.Denied,
	}
	if g.conf.UI != nil {
		if f.Pages, err = front.NewPages(g.conf.UI); err != nil {
			g.deps.Log.Warn("only the API is served", "error", err)
		}
	}
	return f.Handler()
}

func (g *gateway) operations(project *projector.Projector, public *url.URL) *rest.Server {
	return &rest.Server{
		Bus: g.deps.Bus, Store: g.store, Hub: g.hub, Projection: project, Log: g.deps.Log, Source: g.deps.Instance,
		Secure: public != nil && public.Scheme == "https", NewID: rest.NewID, Command: command, Ping: pingEvery, Now: time.Now,
	}
}

// command shows how to do the first level by hand.
func command(s spec.Spec) string {
	plan := s.Plan()
	if s.Generator != spec.GeneratorEvalscope || len(plan.Levels) == 0 {
		return ""
	}
	return evalscope.Command(s, plan.Levels[0], "prompts.jsonl")
}

func (g *gateway) health(project *projector.Projector) []front.Check {
	return []front.Check{
		{Name: "broker", Do: g.deps.Bus.Healthy},
		{Name: "database", Do: g.store.Healthy},
		{Name: "projection", Do: func(context.Context) error { return project.Fault() }},
		{Name: "keys", Do: func(context.Context) error {
			if !g.keys.Known() {
				return token.ErrNoKeys
			}
			return nil
		}},
	}
}
