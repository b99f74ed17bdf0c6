package telemetry

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
)

// canary has every character a handler or a URL spells differently.
const canary = `s3cr3t "quoted" \ <tag>&` + "\tü"

type record struct {
	Path   string
	Secret string `json:"value"`
}

func TestHiddenValuesStayOut(t *testing.T) {
	tests := []struct {
		name string
		say  func(log *slog.Logger)
	}{
		{"message", func(l *slog.Logger) { l.Info("key is " + canary) }},
		{"attribute", func(l *slog.Logger) { l.Info("m", "detail", canary) }},
		{"error", func(l *slog.Logger) { l.Info("m", "error", errors.New("refused: "+canary)) }},
		{"group", func(l *slog.Logger) { l.WithGroup("g").Info("m", slog.Group("h", "x", canary)) }},
		{"kept attribute", func(l *slog.Logger) { l.With("x", canary).Info("m") }},
		{"struct", func(l *slog.Logger) { l.Info("m", "r", record{"p", canary}) }},
		{"map", func(l *slog.Logger) { l.Info("m", "r", map[string]any{"x": []string{canary}}) }},
		{"key", func(l *slog.Logger) { l.Info("m", canary, 1) }},
	}
	for _, format := range []Format{FormatText, FormatJSON} {
		for _, tt := range tests {
			t.Run(string(format)+" "+tt.name, func(t *testing.T) {
				var out bytes.Buffer
				log := NewLogger(&out, slog.LevelInfo, format)
				early := log.With("early", true) // made before the secret is known
				Hide(log, canary)
				tt.say(early)
				if got := out.String(); !strings.Contains(got, Redacted) || strings.Contains(got, "s3cr3t") {
					t.Errorf("got %s, want %s in place of the secret", got, Redacted)
				}
			})
		}
	}
}

func TestSecretNamesAreRedacted(t *testing.T) {
	hidden := []string{"authorization", "password", "new_password", "token", "refresh_token", "api_key", "X-Api-Key", "apiKey", "client.secret", "Set-Cookie", "private_key"}
	shown := []string{"output_tokens", "tokens_per_s", "tokens", "name", "key", "path", "monkey"}
	for _, name := range hidden {
		if !IsSecretName(name) {
			t.Errorf("%s is shown, want hidden", name)
		}
	}
	for _, name := range shown {
		if IsSecretName(name) {
			t.Errorf("%s is hidden, want shown", name)
		}
	}
	var out bytes.Buffer
	log := NewLogger(&out, slog.LevelInfo, FormatJSON)
	log.Info("m", "password", "hunter2",
		"headers", http.Header{"Authorization": {"Bearer abc"}, "Accept": {"text/plain"}},
		"env", map[string]string{"API_KEY": "abc", "HOME": "/root"})
	var line map[string]any
	if err := json.Unmarshal(out.Bytes(), &line); err != nil {
		t.Fatal(err)
	}
	got := out.String()
	if line["password"] != Redacted || strings.Contains(got, "abc") || !strings.Contains(got, "text/plain") || !strings.Contains(got, "/root") {
		t.Errorf("got %s", got)
	}
}

func TestShortValuesAreNotHidden(t *testing.T) {
	var out bytes.Buffer
	log := NewLogger(&out, slog.LevelInfo, FormatText)
	Hide(log, "", "a", "abc")
	log.Info("abc is no secret")
	if !strings.Contains(out.String(), "abc is no secret") {
		t.Errorf("got %s", out.String())
	}
}

func TestHideLeavesOtherLoggersAlone(t *testing.T) {
	var out bytes.Buffer
	log := slog.New(slog.NewTextHandler(&out, nil))
	Hide(log, "value")
	log.Info("value")
	if !strings.Contains(out.String(), "value") {
		t.Errorf("got %s", out.String())
	}
}

func TestHideWhileLogging(t *testing.T) {
	log := NewLogger(&bytes.Buffer{}, slog.LevelInfo, FormatText)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for i := range 50 {
				Hide(log, strings.Repeat("x", i+4))
				log.Info("line", "n", i)
			}
		})
	}
	wg.Wait()
}

func TestParseLevel(t *testing.T) {
	for text, want := range map[string]slog.Level{"": slog.LevelInfo, "DEBUG": slog.LevelDebug, "warn": slog.LevelWarn} {
		if got, err := ParseLevel(text); err != nil || got != want {
			t.Errorf("ParseLevel(%q) = %v, %v; want %v", text, got, err, want)
		}
	}
	if _, err := ParseLevel("loud"); err == nil {
		t.Error("loud is no level")
	}
}
