// Package telemetry is how a process tells what it does: structured logs with every secret taken out. It
// knows nothing about what is logged.
package telemetry

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"

	"github.com/mattn/go-isatty"
)

// Format is the shape of a log line.
type Format string

// The formats.
const (
	FormatAuto Format = ""     // text on a terminal, JSON otherwise
	FormatText Format = "text" // for people
	FormatJSON Format = "json" // for collectors
)

// NewLogger writes records of at least level to w. Values of attributes whose key names a secret are
// replaced, and so is every value given to [Hide], wherever in the line it stands.
func NewLogger(w io.Writer, level slog.Leveler, format Format) *slog.Logger {
	hidden := &vault{}
	out := &cleaner{to: w, hidden: hidden}
	options := &slog.HandlerOptions{Level: level, ReplaceAttr: redactByName}
	var inner slog.Handler = slog.NewJSONHandler(out, options)
	if format == FormatText || format == FormatAuto && IsTerminal(w) {
		inner = slog.NewTextHandler(out, options)
	}
	return slog.New(handler{inner, hidden})
}

// ParseLevel reads debug, info, warn or error; empty is info.
func ParseLevel(text string) (slog.Level, error) {
	levels := map[string]slog.Level{
		"": slog.LevelInfo, "debug": slog.LevelDebug, "info": slog.LevelInfo,
		"warn": slog.LevelWarn, "error": slog.LevelError,
	}
	level, ok := levels[strings.ToLower(text)]
	if !ok {
		return 0, fmt.Errorf("log level %q must be debug, info, warn or error", text)
	}
	return level, nil
}

// IsTerminal reports whether a stream is a person's screen.
func IsTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && isatty.IsTerminal(f.Fd())
}
