// Package allinone is the whole platform in one process: the embedded broker, the six services, a
// simulated target. It only composes; every service behaves here as it does alone.
package allinone

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"

	"golang.org/x/sync/errgroup"

	"plimsoll.internal/libs/bus"
	"plimsoll.internal/libs/folderlock"
	"plimsoll.internal/libs/natsd"
	"plimsoll.internal/libs/service"
)

// Config is what a person chooses about one process.
type Config struct {
	DataDir         string // everything that is kept; one process at a time
	Listen          string // address of UI and API, like 127.0.0.1:8080
	NATSListen      string // address for other systems, like 127.0.0.1:4222; "off" for none
	NATSURL         string // an external broker instead of the embedded one
	NATSCreds       string // credentials file for NATSURL
	DatabaseURL     string // postgres://…; empty for SQLite files in DataDir
	RunnerSlots     int    // tests at once
	EvalscopePython string // interpreter of the evalscope environment
	Version         string
	Log             *slog.Logger
	StartOrder      []string // names of the services; empty for any order. Start order never matters
}

// Info is what a running platform tells about itself.
type Info struct {
	URL            string // of UI and API
	BootstrapToken string // only until the first account exists
	SubscriberURL  string // for other systems; empty when off
	Subscriber     string // path of their credentials
	SimulatedURL   string // base URL of the simulated target
}

// Run starts everything, calls started once all services consume, and returns after a clean stop.
func Run(ctx context.Context, c Config, started func(Info)) error {
	if err := os.MkdirAll(c.DataDir, 0o700); err != nil {
		return fmt.Errorf("make data folder: %w", err)
	}
	lock, err := folderlock.Take(c.DataDir)
	if err != nil {
		return err
	}
	defer lock.Release()

	broker, err := startBroker(c)
	if err != nil {
		return err
	}
	defer broker.stop()

	sim, err := startSimulated(ctx)
	if err != nil {
		return err
	}
	defer sim.stop()

	web, err := listen(ctx, c.Listen)
	if err != nil {
		return err
	}
	info := Info{
		URL: "http://" + web.Addr().String(), SimulatedURL: sim.url,
		SubscriberURL: broker.listenURL, Subscriber: broker.subscriber,
	}
	return runServices(ctx, c, broker, parts(c, sim.url, web), func() {
		info.BootstrapToken = readToken(c.DataDir)
		if started != nil {
			started(info)
		}
	})
}

// runServices runs every part with a connection of its own until ctx ends or one part fails.
func runServices(ctx context.Context, c Config, b *broker, all []part, ready func()) error {
	group, ctx := errgroup.WithContext(ctx)
	var waiting sync.WaitGroup
	waiting.Add(len(all))
	for _, p := range inOrder(all, c.StartOrder) {
		group.Go(func() error {
			instance := p.name + "/" + hostname()
			conn, err := bus.Connect(ctx, b.config(instance, c.Log))
			if err != nil {
				return fmt.Errorf("connect %s: %w", p.name, err)
			}
			defer conn.Close()
			deps := service.Deps{
				Bus: conn, Log: c.Log.With("service", p.name), Ready: sync.OnceFunc(waiting.Done),
				Name: p.name, Instance: instance, DataDir: c.DataDir, Version: c.Version,
			}
			if err := p.run(ctx, deps); err != nil && !errors.Is(err, context.Canceled) {
				return fmt.Errorf("%s: %w", p.name, err)
			}
			return nil
		})
	}
	group.Go(func() error {
		if waitAll(ctx, &waiting) {
			ready()
		}
		return nil
	})
	return group.Wait()
}

// waitAll reports whether every service became ready before ctx ended.
func waitAll(ctx context.Context, w *sync.WaitGroup) bool {
	done := make(chan struct{})
	go func() {
		w.Wait()
		close(done)
	}()
	select {
	case <-done:
		return true
	case <-ctx.Done():
		return false
	}
}

func hostname() string {
	name, err := os.Hostname()
	if err != nil {
		return "localhost"
	}
	return name
}

// broker is the embedded server, or the place of an external one.
type broker struct {
	server     *natsd.Server
	url, creds string
	listenURL  string
	subscriber string
}

func startBroker(c Config) (*broker, error) {
	if c.NATSURL != "" {
		return &broker{url: c.NATSURL, creds: c.NATSCreds}, nil
	}
	listen := c.NATSListen
	if listen == "off" {
		listen = ""
	}
	s, err := natsd.Start(natsd.Config{StoreDir: filepath.Join(c.DataDir, "nats"), Listen: listen, Log: c.Log})
	if err != nil {
		return nil, fmt.Errorf("start embedded broker: %w", err)
	}
	b := &broker{server: s, listenURL: s.URL()}
	if b.listenURL == "" {
		return b, nil
	}
	b.subscriber = filepath.Join(c.DataDir, "subscriber.creds")
	if err := s.WriteSubscriberCreds(b.subscriber); err != nil {
		s.Stop()
		return nil, fmt.Errorf("write credentials for other systems: %w", err)
	}
	return b, nil
}

func (b *broker) config(name string, log *slog.Logger) bus.Config {
	if b.server == nil {
		return bus.Config{Name: name, URL: b.url, CredentialsFile: b.creds, Log: log}
	}
	return bus.Config{Name: name, InProcess: b.server.InProcess(), Log: log}
}

func (b *broker) stop() {
	if b.server != nil {
		b.server.Stop()
	}
}
