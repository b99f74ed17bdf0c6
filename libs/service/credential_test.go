package service

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"plimsoll.internal/libs/telemetry"
)

func TestOpenedCredentialsStayOutOfTheLog(t *testing.T) {
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "cred_mine"), []byte("sk-canary-4711\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	d := Deps{Log: telemetry.NewLogger(&out, slog.LevelInfo, "")}
	key, err := d.Credentials(folder)("cred_mine")
	if err != nil || key != "sk-canary-4711" {
		t.Fatalf("got %q, %v", key, err)
	}
	d.Log.Info("server said", "body", "key sk-canary-4711 is wrong")
	if strings.Contains(out.String(), "canary") {
		t.Errorf("the key is in the log: %s", &out)
	}
}
