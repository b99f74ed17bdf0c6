package folderlock

import (
	"errors"
	"os"
	"strconv"
	"strings"
	"testing"
)

func TestTake(t *testing.T) {
	dir := t.TempDir()
	first, err := Take(dir)
	if err != nil {
		t.Fatal(err)
	}
	_, err = Take(dir)
	if !errors.Is(err, ErrHeld) || !strings.Contains(err.Error(), dir) || !strings.Contains(err.Error(), strconv.Itoa(os.Getpid())) {
		t.Errorf("second Take: got %v, want ErrHeld with folder and process", err)
	}
	first.Release()
	first.Release()
	again, err := Take(dir)
	if err != nil {
		t.Fatalf("Take after Release: %v", err)
	}
	again.Release()
}

func TestTakeNeedsAFolder(t *testing.T) {
	if _, err := Take(t.TempDir() + "/missing"); err == nil || errors.Is(err, ErrHeld) {
		t.Errorf("got %v, want an error about the missing folder", err)
	}
}
