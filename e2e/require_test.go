package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestWhatIsMissingIsNamed hides programs from the first step of every command: each missing or old one is
// named with the way to get it.
func TestWhatIsMissingIsNamed(t *testing.T) {
	t.Parallel()
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{"go": "go1.26.3", "node": "v20.11.0", "npm": "10.2.0", "python3": "3.11.7"}
	tests := []struct {
		name, program, version string // version empty: not there
		want                   []string
	}{
		{"all there", "", "", nil},
		{"no Go", "go", "", []string{"missing: Go 1.26", "https://go.dev/dl/"}},
		{"old Go", "go", "go1.25.9", []string{"too old: Go 1.25.9"}},
		{"no Node", "node", "", []string{"missing: Node.js 20", "apt-get install nodejs"}},
		{"old Node", "node", "v18.19.0", []string{"too old: Node.js 18.19.0"}},
		{"no Python", "python3", "", []string{"missing: Python 3.10", "apt-get install python3"}},
		{"old Python", "python3", "3.9.2", []string{"too old: Python 3.9.2"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			bin := t.TempDir()
			for program, version := range all {
				if program == tt.program {
					version = tt.version
				}
				if version != "" {
					program, version := filepath.Join(bin, program), "#!"+sh+"\necho "+version+"\n"
					if err := os.WriteFile(program, []byte(version), 0o755); err != nil {
						t.Fatal(err)
					}
				}
			}
			for _, tool := range []string{"sed", "sort", "head", "printf"} {
				if path, err := exec.LookPath(tool); err == nil {
					if err := os.Symlink(path, filepath.Join(bin, tool)); err != nil {
						t.Fatal(err)
					}
				}
			}
			cmd := exec.Command(sh, filepath.Join(root(t), "tools", "require.sh"))
			cmd.Env = []string{"PATH=" + bin}
			out, err := cmd.CombinedOutput()
			if (err != nil) != (tt.want != nil) {
				t.Errorf("ended with %v:\n%s", err, out)
			}
			for _, want := range tt.want {
				if !strings.Contains(string(out), want) {
					t.Errorf("does not say %q:\n%s", want, out)
				}
			}
		})
	}
}
