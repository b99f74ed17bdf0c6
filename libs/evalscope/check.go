package evalscope

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os/exec"
	"strings"
	"time"

	"plimsoll.internal/libs/failure"
)

// Status is what is installed.
type Status struct {
	Python        string   `json:"python"`         // the interpreter that was asked
	PythonVersion string   `json:"python_version"` // like 3.11.7
	Evalscope     string   `json:"evalscope"`      // like 1.14.1; empty when not installed
	Importable    bool     `json:"importable"`     // everything `evalscope perf` needs is there
	Problems      []string `json:"problems"`       // what is wrong, English; empty when it can be used
}

// Usable reports whether Driver.Run can use it.
func (s Status) Usable() bool { return s.Importable && len(s.Problems) == 0 }

// look asks the interpreter without importing evalscope, which alone takes seconds.
const look = `
import importlib.metadata as m, importlib.util as u, json, sys
try: version = m.version("evalscope")
except m.PackageNotFoundError: version = ""
need = ["evalscope", "aiohttp", "fastapi", "uvicorn", "sse_starlette", "pydantic", "numpy"]
print(json.dumps({"python": "%d.%d.%d" % sys.version_info[:3], "evalscope": version,
                  "missing": [n for n in need if u.find_spec(n) is None]}))
`

// checkTimeout bounds the question; a healthy interpreter answers in 0.1 s.
const checkTimeout = 30 * time.Second

// Check says what is installed in the environment of python. The error is a *failure.Failure of class
// generator_missing when python itself cannot be run; everything else is in Status.Problems.
func Check(ctx context.Context, python string) (Status, error) {
	s := Status{Python: python, Problems: []string{}}
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, python, "-c", look)
	cmd.Env = environment()
	cmd.WaitDelay = time.Second
	out, err := cmd.Output()
	if err != nil {
		return s, missing(python, err)
	}
	var found struct {
		Python    string   `json:"python"`
		Evalscope string   `json:"evalscope"`
		Missing   []string `json:"missing"`
	}
	if err := json.Unmarshal(out, &found); err != nil {
		return s, failure.New(failure.GeneratorMissing,
			"%s is not a Python interpreter: asked for its version it answered %.80q", python, out)
	}
	s.PythonVersion, s.Evalscope = found.Python, found.Evalscope
	s.Importable = len(found.Missing) == 0
	s.Problems = append(s.Problems, problems(s, found.Missing)...)
	return s, nil
}

// problems lists what keeps the installation from being used.
func problems(s Status, lacking []string) []string {
	var list []string
	if older(s.PythonVersion, minPython) {
		list = append(list, "Python "+s.PythonVersion+" is too old: evalscope needs "+minPython+" or newer")
	}
	switch {
	case s.Evalscope == "":
		list = append(list, "evalscope is not installed for "+s.Python)
	case older(s.Evalscope, MinVersion):
		list = append(list, "evalscope "+s.Evalscope+" is too old: it cannot send prepared request bodies; "+MinVersion+" or newer is needed")
	case len(lacking) > 0:
		list = append(list, "evalscope "+s.Evalscope+" cannot run perf: missing "+strings.Join(lacking, ", "))
	}
	return list
}

// missing is the failure behind an interpreter that did not start or did not answer.
func missing(python string, err error) *failure.Failure {
	var exit *exec.ExitError
	switch {
	case errors.Is(err, fs.ErrNotExist) || errors.Is(err, exec.ErrNotFound):
		return failure.New(failure.GeneratorMissing, "no Python at %s: evalscope is not installed there", python)
	case errors.Is(err, fs.ErrPermission):
		return failure.New(failure.GeneratorMissing, "%s may not be executed: %v", python, err)
	case errors.As(err, &exit) && len(exit.Stderr) > 0:
		return failure.New(failure.GeneratorMissing, "%s does not work: %s", python, lastLines(string(exit.Stderr), 3))
	}
	return failure.New(failure.GeneratorMissing, "%s does not work: %v", python, err)
}
