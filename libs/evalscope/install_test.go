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

// TestInstallUntilItIsThere goes through everything that can happen to one folder, in the order it does.
func TestInstallUntilItIsThere(t *testing.T) {
	t.Parallel()
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Fatal("python3 is needed: apt install python3 python3-venv")
	}
	dir := filepath.Join(t.TempDir(), "env")
	var log bytes.Buffer
	o := evalscope.InstallOptions{Dir: dir, FindLinks: wheels(t, all(t)[:3]...), Python: dyingPython(t, python), Log: &log}

	// Killed as an environment is begun, before there is any sign that it is one.
	if err := evalscope.Install(t.Context(), o); err == nil {
		t.Fatal("installed by a dying python")
	}
	if _, err := os.Stat(filepath.Join(dir, "lib")); err != nil {
		t.Fatalf("nothing half made was left: %v", err)
	}

	// Made anew, but the installer fails: its last lines say which wheel is missing.
	o.Python = python
	err = evalscope.Install(t.Context(), o)
	if got := class(t, err); got != failure.GeneratorMissing || !strings.Contains(err.Error(), "uvicorn") {
		t.Errorf("got %v, want generator_missing about uvicorn", err)
	}
	if !strings.Contains(log.String(), "removing the incomplete") {
		t.Errorf("the half-made one was not removed: %s", log.String())
	}

	// Two at once: one makes it, the other waits and finds it made.
	o.FindLinks, o.Log = wheels(t, all(t)...), nil
	var both sync.WaitGroup
	for range 2 {
		both.Go(func() {
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
	if err := evalscope.Install(t.Context(), o); err != nil || time.Since(begin) > 200*time.Millisecond {
		t.Errorf("again: %v after %v, want nothing to do", err, time.Since(begin))
	}
}

// dyingPython is killed when it is asked to make an environment.
func dyingPython(t *testing.T, python string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "python")
	script := "#!/bin/sh\nif [ \"$1\" = -m ]; then mkdir -p \"$3/lib\"; kill -9 $$; fi\nexec " + python + " \"$@\"\n"
	if err := os.WriteFile(path, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
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
