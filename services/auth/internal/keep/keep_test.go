package keep

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// TestOnceHasOneWinner makes the file from many sides at once.
func TestOnceHasOneWinner(t *testing.T) {
	path := filepath.Join(t.TempDir(), "secret")
	got := make([]string, 20)
	var wg sync.WaitGroup
	for i := range got {
		wg.Go(func() {
			data, err := Once(path, func() ([]byte, error) { return fmt.Appendf(nil, "by %d", i), nil })
			if err != nil {
				t.Error(err)
			}
			got[i] = string(data)
		})
	}
	wg.Wait()
	for _, data := range got {
		if data != got[0] || !strings.HasPrefix(data, "by ") {
			t.Fatalf("got %q, want the same everywhere", got)
		}
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(entries) != 1 {
		t.Errorf("%v is left, %v; want the file alone", entries, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v; want mode 0600", info, err)
	}
}

func TestOnceRefusesAnOpenFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	_, err := Once(path, func() ([]byte, error) { t.Error("made anew"); return nil, nil })
	if err == nil || !strings.Contains(err.Error(), "chmod 600 "+path) {
		t.Errorf("got %v, want the way to mend it", err)
	}
}
