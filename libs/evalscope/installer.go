package evalscope

import (
	"context"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"syscall"

	"plimsoll.internal/libs/failure"
)

// command runs one step of the installer; a failing one is reported with its last lines.
func (o InstallOptions) command(ctx context.Context, words []string) error {
	cmd := exec.CommandContext(ctx, words[0], words[1:]...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = drainWait
	log := newTail()
	cmd.Stdout = io.MultiWriter(o.Log, log)
	cmd.Stderr = cmd.Stdout
	err := cmd.Run()
	if ctx.Err() != nil {
		return fmt.Errorf("install evalscope: %w", context.Cause(ctx))
	}
	if err == nil {
		return nil
	}
	f := failure.New(failure.GeneratorMissing, "%s failed (%v): %s", filepath.Base(words[0]), err, lastLines(log.String(), 15))
	f.Advice = installAdvice
	return f
}

// installAdvice goes with an installer that failed.
var installAdvice = failure.Text{
	EN: "Check the network or the package index (PIP_INDEX_URL), free 2 GB of disk, or install offline from a folder of wheels with --find-links.",
	ZH: "请检查网络或软件源（PIP_INDEX_URL），确保有 2 GB 可用磁盘，或用 --find-links 从 wheel 文件夹离线安装。",
}

// installer is how packages get into an environment: uv when it is there, because it is four times as
// fast, else venv and pip.
type installer struct {
	uv   string // path; empty for pip
	base string // interpreter to start from
}

// commands lists the steps in order.
func (i installer) commands(o InstallOptions, limits string) [][]string {
	python := PythonIn(o.Dir)
	make := []string{i.base, "-m", "venv", o.Dir}
	fill := []string{python, "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--progress-bar", "off"}
	if i.uv != "" {
		make = []string{i.uv, "venv", "--python", i.base, o.Dir}
		fill = []string{i.uv, "pip", "install", "--python", python}
	}
	if o.FindLinks != "" {
		fill = append(fill, "--no-index", "--find-links", o.FindLinks)
	}
	if limits != "" {
		fill = append(fill, "--constraint", limits)
	}
	return [][]string{make, append(fill, "evalscope[perf]=="+o.Version)}
}
