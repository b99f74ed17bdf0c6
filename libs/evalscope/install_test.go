package evalscope_test

import (
	"archive/zip"
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"plimsoll.internal/libs/evalscope"
	"plimsoll.internal/libs/failure"
)

// wheels makes a folder of wheels as small as a wheel can be: the installer, the index-less look-up and
// the environment are real, only the packages are empty.
func wheels(t *testing.T, names ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range names {
		name, version, _ := strings.Cut(name, "==")
		info := name + "-" + version + ".dist-info/"
		metadata := "Metadata-Version: 2.1\nName: " + name + "\nVersion: " + version + "\n"
		if name == "evalscope" {
			metadata += "Provides-Extra: perf\n"
			for _, need := range []string{"aiohttp", "fastapi", "uvicorn", "sse_starlette", "pydantic", "numpy"} {
				metadata += "Requires-Dist: " + need + "; extra == 'perf'\n"
			}
		}
		zipFile(t, filepath.Join(dir, name+"-"+version+"-py3-none-any.whl"), map[string]string{
			name + "/__init__.py": "",
			info + "METADATA":     metadata,
			info + "WHEEL":        "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
			info + "RECORD":       "",
		})
	}
	return dir
}

func zipFile(t *testing.T, path string, files map[string]string) {
	t.Helper()
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	for name, text := range files {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, buf.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}

// all is every package that must be there; the versions are those of the constraints.
func all(t *testing.T) []string {
	t.Helper()
	raw, err := os.ReadFile("constraints.txt")
	if err != nil {
		t.Fatal(err)
	}
	list := []string{"evalscope==" + evalscope.DefaultVersion}
	for _, name := range []string{"aiohttp", "fastapi", "uvicorn", "sse-starlette", "pydantic", "numpy"} {
		_, rest, found := strings.Cut(string(raw), "\n"+name+"==")
		if !found {
			t.Fatalf("%s is not constrained", name)
		}
		version, _, _ := strings.Cut(rest, " ")
		list = append(list, strings.ReplaceAll(name, "-", "_")+"=="+version)
	}
	return list
}

func TestInstall(t *testing.T) {
	t.Parallel()
	folder := wheels(t, all(t)...)
	dir := filepath.Join(t.TempDir(), "env")
	var log bytes.Buffer
	o := evalscope.InstallOptions{Dir: dir, FindLinks: folder, Log: &log}

	// Two at once: one makes it, the other waits and finds it made.
	var both sync.WaitGroup
	for range 2 {
		both.Go(func() {
			o := o
			o.Log = nil
			if err := evalscope.Install(t.Context(), o); err != nil {
				t.Errorf("install: %v", err)
			}
		})
	}
	both.Wait()
	s, err := evalscope.Check(t.Context(), evalscope.PythonIn(dir))
	if err != nil || !s.Usable() || s.Evalscope != evalscope.DefaultVersion {
		t.Fatalf("installed: %+v, %v", s, err)
	}

	begin := time.Now()
	if err := evalscope.Install(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(begin); took > 200*time.Millisecond || log.Len() > 0 {
		t.Errorf("again: %v and %q, want nothing to do", took, log.String())
	}

	// Without its mark it is half made, and made anew; what was in it is gone.
	left := filepath.Join(dir, "left")
	if err := os.WriteFile(left, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, "plimsoll-evalscope.json")); err != nil {
		t.Fatal(err)
	}
	if err := evalscope.Install(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(left); err == nil || !strings.Contains(log.String(), "removing the incomplete") {
		t.Errorf("not made anew: %s", log.String())
	}
}

func TestInstallSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	old := filepath.Join(t.TempDir(), "python")
	if err := os.WriteFile(old, []byte("#!/bin/sh\necho 3.8.18\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	bare := filepath.Join(t.TempDir(), "python")
	if err := os.WriteFile(bare, []byte("#!/bin/sh\necho 3.11.2\necho \"No module named 'ensurepip'\" >&2\nexit 1\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	full := t.TempDir()
	if err := os.WriteFile(filepath.Join(full, "thesis.txt"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(full, "thesis.txt")
	tests := []struct {
		name string
		o    evalscope.InstallOptions
		want failure.Class
		say  string
	}{
		{"no folder", evalscope.InstallOptions{}, failure.BadRequest, "no folder"},
		{"no version", evalscope.InstallOptions{Dir: "x", Version: "newest"}, failure.BadRequest, `"newest"`},
		{"version too old", evalscope.InstallOptions{Dir: "x", Version: "1.9.1"}, failure.BadRequest, "1.10.0 or newer"},
		{"no wheels", evalscope.InstallOptions{Dir: "x", FindLinks: "/nowhere"}, failure.BadRequest, "/nowhere"},
		{"no python", evalscope.InstallOptions{Dir: filepath.Join(t.TempDir(), "e"), Python: "/nowhere/python"}, failure.GeneratorMissing, "no Python 3.10"},
		{"old python", evalscope.InstallOptions{Dir: filepath.Join(t.TempDir(), "e"), Python: old}, failure.GeneratorMissing, "3.8.18"},
		{"no venv", evalscope.InstallOptions{Dir: filepath.Join(t.TempDir(), "e"), Python: bare}, failure.GeneratorMissing, "lacks venv"},
		{"somebody else's folder", evalscope.InstallOptions{Dir: full}, failure.BadRequest, "neither empty nor"},
		{"a wheel is missing", evalscope.InstallOptions{Dir: filepath.Join(t.TempDir(), "e"), FindLinks: wheels(t, all(t)[:3]...)}, failure.GeneratorMissing, "uvicorn"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := evalscope.Install(t.Context(), tt.o)
			if got := class(t, err); got != tt.want || !strings.Contains(err.Error(), tt.say) {
				t.Errorf("got %v, want %s about %q", err, tt.want, tt.say)
			}
		})
	}
	if _, err := os.Stat(file); err != nil {
		t.Errorf("a file of somebody else is gone: %v", err)
	}
}

func TestInstallCutShortIsMadeAnew(t *testing.T) {
	t.Parallel()
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Fatal("python3 is needed: apt install python3 python3-venv")
	}
	// A python that dies as an environment is begun, before its mark as one is written.
	dying := filepath.Join(t.TempDir(), "python")
	script := "#!/bin/sh\nif [ \"$1\" = -m ]; then mkdir -p \"$3/lib\"; kill -9 $$; fi\nexec " + python + " \"$@\"\n"
	if err := os.WriteFile(dying, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "env")
	o := evalscope.InstallOptions{Dir: dir, Python: dying, FindLinks: wheels(t, all(t)...)}
	if err := evalscope.Install(t.Context(), o); err == nil {
		t.Fatal("installed by a dying python")
	}
	if _, err := os.Stat(filepath.Join(dir, "lib")); err != nil {
		t.Fatalf("nothing half made was left: %v", err)
	}
	o.Python = python
	if err := evalscope.Install(t.Context(), o); err != nil {
		t.Errorf("after that: %v", err)
	}
}

func TestInstallCanBeCancelled(t *testing.T) {
	t.Parallel()
	slow := filepath.Join(t.TempDir(), "python")
	script := "#!/bin/sh\nif [ \"$1\" = -m ]; then echo begun; while :; do sleep 1; done; fi\necho 3.11.2\n"
	if err := os.WriteFile(slow, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	begin := time.Now()
	err := evalscope.Install(ctx, evalscope.InstallOptions{
		Dir: filepath.Join(t.TempDir(), "e"), Python: slow, Log: writer(func([]byte) { cancel() }),
	})
	if err == nil || time.Since(begin) > 5*time.Second {
		t.Errorf("%v after %v, want to be cancelled at once", err, time.Since(begin))
	}
}

// writer calls itself with what is written.
type writer func([]byte)

func (w writer) Write(p []byte) (int, error) {
	w(p)
	return len(p), nil
}
