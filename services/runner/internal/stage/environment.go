package stage

import (
	"bufio"
	"os"
	"runtime"
	"strconv"
	"strings"

	"plimsoll.internal/libs/events"
)

// Environment describes this machine as it is now; what the system does not tell is 0.
func (s *Stage) Environment() events.Environment {
	name, err := os.Hostname()
	if err != nil {
		name = ""
	}
	return events.Environment{
		Hostname: name, OS: runtime.GOOS, Arch: runtime.GOARCH, CPUs: runtime.NumCPU(),
		Memory: memory("/proc/meminfo"), LoadAvg: loadAverage("/proc/loadavg"), Version: s.Version,
	}
}

// memory reads the size of the main memory in bytes.
func memory(path string) int64 {
	f, err := os.Open(path)
	if err != nil {
		return 0
	}
	defer func() { _ = f.Close() }()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		words := strings.Fields(lines.Text())
		if len(words) >= 2 && words[0] == "MemTotal:" {
			kib, err := strconv.ParseInt(words[1], 10, 64)
			if err != nil {
				return 0
			}
			return kib << 10
		}
	}
	return 0
}

// loadAverage reads the load of the last minute.
func loadAverage(path string) float64 {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0
	}
	first, _, _ := strings.Cut(string(text), " ")
	v, err := strconv.ParseFloat(first, 64)
	if err != nil {
		return 0
	}
	return v
}
