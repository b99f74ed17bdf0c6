package secret

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

const canary = "sk-canary-value"

// put writes a credential file and returns its folder.
func put(t *testing.T, content string, mode os.FileMode) Folder {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "cred_mine")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
	return Folder(dir)
}

func TestOpen(t *testing.T) {
	tests := []struct {
		name, content string
		mode          os.FileMode
		want          string
		err           error
		says          string // part of the message
	}{
		{"plain", canary, 0o600, canary, nil, ""},
		{"line break at the end", canary + "\r\n", 0o600, canary, nil, ""},
		{"read only", canary, 0o400, canary, nil, ""},
		{"space belongs to it", " " + canary + " \n", 0o600, " " + canary + " ", nil, ""},
		{"group may read", canary, 0o640, "", ErrUnsafe, "chmod 600"},
		{"everybody may read", canary, 0o604, "", ErrUnsafe, "chmod 600"},
		{"empty", "\n", 0o600, "", ErrUnsafe, "empty"},
		{"largest", strings.Repeat("x", maxSize), 0o600, strings.Repeat("x", maxSize), nil, ""},
		{"too large", canary + strings.Repeat("x", maxSize), 0o600, "", ErrUnsafe, "at most 65536"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := put(t, tt.content, tt.mode).Open("cred_mine")
			if got != tt.want || !errors.Is(err, tt.err) {
				t.Fatalf("got %d bytes, %v; want %d bytes, %v", len(got), err, len(tt.want), tt.err)
			}
			if err != nil && (!strings.Contains(err.Error(), tt.says) || strings.Contains(err.Error(), canary)) {
				t.Errorf("message %q must say %q and never the value", err, tt.says)
			}
		})
	}
}

func TestOpenMissing(t *testing.T) {
	_, err := Folder(t.TempDir()).Open("cred_other")
	if !errors.Is(err, ErrMissing) || !strings.Contains(err.Error(), "cred_other") {
		t.Errorf("got %v, want ErrMissing with the path", err)
	}
}

func TestOpenRefusesOtherNames(t *testing.T) {
	f := put(t, canary, 0o600)
	for _, id := range []string{"", "cred_", "mine", "../cred_mine", "cred_../x", "cred_A", "cred_a/b", "cred_" + strings.Repeat("a", 65), "cred_a\x00"} {
		if _, err := f.Open(id); !errors.Is(err, ErrID) {
			t.Errorf("Open(%q): got %v, want ErrID", id, err)
		}
	}
}

func TestOpenRefusesWhatIsNoFile(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "cred_folder"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(filepath.Join(dir, "cred_pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"cred_folder", "cred_pipe"} {
		done := make(chan error, 1)
		go func() {
			_, err := Folder(dir).Open(id)
			done <- err
		}()
		select {
		case err := <-done:
			if !errors.Is(err, ErrUnsafe) {
				t.Errorf("Open(%s): got %v, want ErrUnsafe", id, err)
			}
		case <-time.After(5 * time.Second):
			t.Fatalf("Open(%s) hangs", id)
		}
	}
}

func TestOpenFollowsMountedLinks(t *testing.T) {
	f := put(t, canary, 0o600)
	if err := os.Symlink(filepath.Join(string(f), "cred_mine"), filepath.Join(string(f), "cred_link")); err != nil {
		t.Fatal(err)
	}
	if got, err := f.Open("cred_link"); got != canary || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
}
