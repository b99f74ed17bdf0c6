package gateway

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"strings"
	"time"

	"plimsoll.internal/libs/db"
	"plimsoll.internal/libs/service"
)

// Config of the gateway.
type Config struct {
	Addr        string        // host:port to listen on; default 127.0.0.1:8080
	Listener    net.Listener  // open already, used instead of Addr; nil in a process of its own
	UI          fs.FS         // built pages with index.html at the top; nil for the API alone
	PublicURL   string        // address browsers use when it is a name, like https://plimsoll.example; empty for IP address or localhost
	DatabaseURL string        // postgres://…; empty for the SQLite file gateway.db in the data folder
	Rebuild     bool          // forget the read model at start and make it again from the events
	StopTimeout time.Duration // for requests in hand at the end; default 10 s
	ReapAfter   time.Duration // silence after which a test that was told to stop counts as lost; default 90 s
}

// LoadConfig reads PLIMSOLL_LISTEN, PLIMSOLL_PUBLIC_URL, PLIMSOLL_REBUILD, PLIMSOLL_STOP_TIMEOUT and
// DATABASE_URL, and reports every fault at once.
func LoadConfig(env func(string) string) (Config, error) {
	c := Config{Addr: env("PLIMSOLL_LISTEN"), PublicURL: env("PLIMSOLL_PUBLIC_URL"), DatabaseURL: env("DATABASE_URL")}
	v := service.Variables{Env: env}
	v.Bool("PLIMSOLL_REBUILD", &c.Rebuild)
	v.Duration("PLIMSOLL_STOP_TIMEOUT", &c.StopTimeout)
	c, err := c.complete()
	return c, v.Err(err)
}

// complete fills in defaults and checks every field.
func (c Config) complete() (Config, error) {
	if c.Addr == "" {
		c.Addr = "127.0.0.1:8080"
	}
	if c.StopTimeout == 0 {
		c.StopTimeout = 10 * time.Second
	}
	if c.ReapAfter == 0 {
		c.ReapAfter = 90 * time.Second
	}
	var faults []error
	if _, port, err := net.SplitHostPort(c.Addr); err != nil || port == "" {
		faults = append(faults, errors.New("PLIMSOLL_LISTEN must be host:port, like 127.0.0.1:8080"))
	}
	if c.StopTimeout < 0 {
		faults = append(faults, fmt.Errorf("PLIMSOLL_STOP_TIMEOUT: %s must not be negative", c.StopTimeout))
	}
	if _, err := c.publicURL(); err != nil {
		faults = append(faults, err)
	}
	return c, errors.Join(append(faults, db.CheckURL(c.DatabaseURL))...)
}

// publicURL is nil when none is set.
func (c Config) publicURL() (*url.URL, error) {
	if c.PublicURL == "" {
		return nil, nil
	}
	u, err := url.Parse(c.PublicURL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || strings.Trim(u.Path, "/") != "" {
		return nil, fmt.Errorf("PLIMSOLL_PUBLIC_URL must be http(s)://name without a path")
	}
	return u, nil
}
