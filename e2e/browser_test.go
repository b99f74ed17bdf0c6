package e2e

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// TestBrowser lets a real Chromium sign in, run a test, watch it, download the workbook and archive it,
// in both languages.
func TestBrowser(t *testing.T) {
	if _, err := os.Stat(filepath.Join(root(t), "frontend", "node_modules", "playwright-core")); err != nil {
		t.Fatalf("playwright-core is not installed: run make build (%v)", err)
	}
	if _, err := os.Stat("/usr/bin/chromium"); err != nil {
		t.Fatalf("Chromium is not installed: apt-get install chromium (%v)", err)
	}
	p := startInProcess(t, t.TempDir())
	out := t.TempDir()
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "node", "browser/story.mjs", p.info.URL, p.info.BootstrapToken, out)
	text, err := cmd.CombinedOutput()
	t.Logf("%s", text)
	if err != nil {
		t.Fatalf("the browser story ended: %v", err)
	}
	if files, _ := filepath.Glob(filepath.Join(out, "result_*.xlsx")); len(files) != 1 {
		t.Errorf("downloads: %v, want one workbook", files)
	}
	if err := p.stop(); err != nil {
		t.Errorf("stop: %v", err)
	}
}
