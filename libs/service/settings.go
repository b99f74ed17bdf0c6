package service

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"plimsoll.internal/libs/telemetry"
)

// settings is what every process reads from its environment.
type settings struct {
	natsURL    string
	natsCreds  string // file; empty for none
	dataDir    string // absolute
	healthAddr string // host:port; port 0 takes a free one
	logLevel   slog.Level
	logFormat  telemetry.Format
	instance   string
}

// usage explains the environment, one variable a line.
const usage = `PLIMSOLL_NATS_URL     broker, like nats://127.0.0.1:4222 (required)
PLIMSOLL_NATS_CREDS   file with the credentials for it
PLIMSOLL_DATA         folder for what this process keeps (default ./plimsoll-data)
PLIMSOLL_HEALTH_ADDR  address of /livez and /readyz (default 127.0.0.1:0, a free port)
PLIMSOLL_INSTANCE     name of this process among its equals (default host name and a random part)
PLIMSOLL_LOG_LEVEL    debug, info, warn or error (default info)
PLIMSOLL_LOG_FORMAT   text or json (default text on a terminal, json otherwise)
DATABASE_URL          postgres://… (default SQLite files in the data folder)
`

var instancePattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$`)

func loadSettings(env func(string) string) (settings, error) {
	s := settings{
		natsURL: env("PLIMSOLL_NATS_URL"), natsCreds: env("PLIMSOLL_NATS_CREDS"),
		healthAddr: or(env("PLIMSOLL_HEALTH_ADDR"), "127.0.0.1:0"),
		instance:   or(env("PLIMSOLL_INSTANCE"), defaultInstance()),
		logFormat:  telemetry.Format(env("PLIMSOLL_LOG_FORMAT")),
	}
	var faults []error
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	if !strings.Contains(s.natsURL, "://") {
		fault("PLIMSOLL_NATS_URL must be the broker's address, like nats://127.0.0.1:4222")
	}
	if s.natsCreds != "" {
		if _, err := os.Stat(s.natsCreds); err != nil {
			fault("PLIMSOLL_NATS_CREDS must name a file that can be read: %w", err)
		}
	}
	if _, _, err := net.SplitHostPort(s.healthAddr); err != nil {
		fault("PLIMSOLL_HEALTH_ADDR must be host:port: %w", err)
	}
	if !instancePattern.MatchString(s.instance) {
		fault("PLIMSOLL_INSTANCE must be 1–63 letters, digits, - or _")
	}
	switch s.logFormat {
	case telemetry.FormatAuto, telemetry.FormatText, telemetry.FormatJSON:
	default:
		fault("PLIMSOLL_LOG_FORMAT must be text or json")
	}
	var err error
	if s.logLevel, err = telemetry.ParseLevel(env("PLIMSOLL_LOG_LEVEL")); err != nil {
		fault("PLIMSOLL_LOG_LEVEL: %w", err)
	}
	if s.dataDir, err = filepath.Abs(or(env("PLIMSOLL_DATA"), "plimsoll-data")); err != nil {
		fault("PLIMSOLL_DATA: %w", err)
	}
	return s, errors.Join(faults...)
}

// defaultInstance differs between any two processes, so that events tell them apart.
func defaultInstance() string {
	part := make([]byte, 4)
	_, _ = rand.Read(part) // never fails
	host, err := os.Hostname()
	if err != nil {
		host = "host"
	}
	host = regexp.MustCompile(`[^A-Za-z0-9_-]+`).ReplaceAllString(host, "-")
	return or(strings.Trim(host[:min(len(host), 50)], "-_"), "host") + "-" + hex.EncodeToString(part)
}

func or(v, otherwise string) string {
	if v == "" {
		return otherwise
	}
	return v
}
