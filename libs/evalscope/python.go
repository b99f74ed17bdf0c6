package evalscope

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"

	"plimsoll.internal/libs/failure"
)

// minPython is the oldest Python evalscope runs on.
const minPython = "3.10.0"

// PythonIn is the interpreter of the environment Install makes in dir.
func PythonIn(dir string) string { return filepath.Join(dir, "bin", "python") }

// candidates are looked for in this order: the plain one is what most people mean.
var candidates = []string{"python3", "python3.13", "python3.12", "python3.11", "python3.10", "python"}

// getPython tells how to get what is missing.
var getPython = failure.Text{
	EN: "Install Python 3.10 or newer with venv: `apt install python3 python3-venv`, `dnf install python3`, or from python.org; then try again.",
	ZH: "请安装 Python 3.10 或更新版本及 venv：`apt install python3 python3-venv`、`dnf install python3`，或从 python.org 获取，然后重试。",
}

// findPython returns the first interpreter that is new enough and can make environments. With asked only
// that one is looked at. uv makes environments by itself, so venv is only needed without it.
func findPython(ctx context.Context, asked string, needVenv bool) (string, error) {
	names := candidates
	if asked != "" {
		names = []string{asked}
	}
	code := "import sys; print('%d.%d.%d' % sys.version_info[:3])"
	if needVenv {
		code += "; import venv, ensurepip"
	}
	var seen []string
	for _, name := range names {
		path, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		out, err := exec.CommandContext(ctx, path, "-c", code).CombinedOutput()
		version, rest, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
		switch {
		case ctx.Err() != nil:
			return "", fmt.Errorf("look for Python: %w", ctx.Err())
		case err == nil && !older(version, minPython):
			return path, nil
		case err == nil:
			seen = append(seen, path+" is "+version)
		case strings.Contains(rest, "No module named"):
			seen = append(seen, path+" is "+version+" but lacks venv or ensurepip")
		default:
			seen = append(seen, path+" does not run")
		}
	}
	f := failure.New(failure.GeneratorMissing, "no Python %s or newer that can make environments was found", "3.10")
	if len(seen) > 0 {
		f.Message += " (" + strings.Join(seen, "; ") + ")"
	}
	f.Advice = getPython
	return "", f
}
