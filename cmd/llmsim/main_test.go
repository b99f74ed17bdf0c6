package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestServesUntilTold(t *testing.T) {
	key := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(key, []byte("secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	r, w := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		ended <- run(ctx, []string{"-addr", "127.0.0.1:0", "-model", "a", "-model", "b", "-key-file", key}, w, io.Discard)
	}()
	base, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	base = strings.TrimSpace(base)
	for _, tc := range []struct {
		key    string
		status int
	}{{"", http.StatusUnauthorized}, {"secret", http.StatusOK}} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base+"/models", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+tc.key)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != tc.status {
			t.Errorf("key %q: status %d, want %d", tc.key, res.StatusCode, tc.status)
		}
	}
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("stop: %v", err)
	}
}

func TestBadFlags(t *testing.T) {
	for _, tc := range []struct {
		name, says string
		args       []string
	}{
		{"unknown fault", "not known", []string{"-fault", "boom=0.1"}},
		{"share above one", "from 0 to 1", []string{"-fault", "cut=2"}},
		{"no share", "NAME=SHARE", []string{"-fault", "cut"}},
		{"missing key file", "read the API key", []string{"-key-file", "/does/not/exist"}},
		{"argument", "unexpected", []string{"extra"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			err := run(t.Context(), tc.args, io.Discard, io.Discard)
			if err == nil || !strings.Contains(err.Error(), tc.says) {
				t.Errorf("%v, want %q", err, tc.says)
			}
		})
	}
}
