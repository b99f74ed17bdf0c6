package main

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// ticksPerSecond is the kernel's USER_HZ, fixed at 100 on Linux.
const ticksPerSecond = 100

// idle lets the platform settle, then watches it for a while: memory in bytes (PSS) and share of one core.
func (p *platform) idle(ctx context.Context, watch time.Duration) (memory int64, share float64, err error) {
	if err := pause(ctx, 3*time.Second); err != nil {
		return 0, 0, err
	}
	before, err := cpuTicks(p.cmd.Process.Pid)
	if err != nil {
		return 0, 0, err
	}
	if err := pause(ctx, watch); err != nil {
		return 0, 0, err
	}
	after, err := cpuTicks(p.cmd.Process.Pid)
	if err != nil {
		return 0, 0, err
	}
	memory, err = pss(p.cmd.Process.Pid)
	return memory, float64(after-before) / ticksPerSecond / watch.Seconds(), err
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// cpuTicks is user plus system time of a process.
func cpuTicks(pid int) (int64, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, fmt.Errorf("read CPU time: %w", err)
	}
	_, rest, _ := strings.Cut(string(stat), ") ")
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0, fmt.Errorf("read CPU time: unexpected %q", stat)
	}
	var sum int64
	for _, f := range fields[11:13] {
		n, err := strconv.ParseInt(f, 10, 64)
		if err != nil {
			return 0, fmt.Errorf("read CPU time: %w", err)
		}
		sum += n
	}
	return sum, nil
}

// pss is the memory of a process with shared pages counted by their share, in bytes.
func pss(pid int) (int64, error) {
	rollup, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	if err != nil {
		return 0, fmt.Errorf("read memory: %w", err)
	}
	for line := range strings.Lines(string(rollup)) {
		var kb int64
		if n, _ := fmt.Sscanf(line, "Pss: %d kB", &kb); n == 1 {
			return kb << 10, nil
		}
	}
	return 0, fmt.Errorf("read memory: no Pss line for process %d", pid)
}
