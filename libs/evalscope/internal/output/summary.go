package output

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
)

// Summary is one benchmark_summary.json.
type Summary struct {
	OK     int // requests evalscope counts as successful
	Failed int
	Total  int

	// Raw holds every key as it was written; NaN is nil.
	Raw map[string]any
	// Figures holds what is known under our names and units; a figure that says "not available" is nil.
	Figures map[string]*float64
	// Unknown lists the keys that are in no version we know, in Raw but not in Figures.
	Unknown []string
}

// ReadSummary reads the benchmark_summary.json in dir.
func ReadSummary(dir string) (Summary, error) {
	s := Summary{Figures: map[string]*float64{}}
	if err := readJSON(filepath.Join(dir, SummaryFile), &s.Raw); err != nil {
		return Summary{}, err
	}
	for key, value := range s.Raw {
		known, ok := summaryNames[key]
		if !ok {
			s.Unknown = append(s.Unknown, key)
			continue
		}
		n, err := number(value)
		if err != nil {
			return Summary{}, damaged(SummaryFile, "%q is %v", key, err)
		}
		s.Figures[known.name] = scale(n, known.factor)
	}
	for name, count := range map[string]*int{
		"requests_ok": &s.OK, "requests_failed": &s.Failed, "requests_total": &s.Total,
	} {
		n := s.Figures[name]
		if n == nil || *n < 0 || *n != float64(int(*n)) {
			return Summary{}, damaged(SummaryFile, "no usable %s: not a summary of evalscope perf", name)
		}
		*count = int(*n)
	}
	s.dropSentinels()
	return s, nil
}

// dropSentinels turns the values that stand for "not available" into nil: anything negative (-1, or
// -1000 where a -1 was multiplied), and with no successful request also the zeros.
func (s *Summary) dropSentinels() {
	for name, n := range s.Figures {
		if n == nil || isCount(name) {
			continue
		}
		if *n < 0 || *n == 0 && s.OK == 0 {
			s.Figures[name] = nil
		}
	}
	// Written as 0.0 for chat and completions: it is only measured for embeddings.
	if n := s.Figures["input_tokens_per_s"]; n != nil && *n == 0 {
		s.Figures["input_tokens_per_s"] = nil
	}
}

func isCount(name string) bool {
	return strings.HasPrefix(name, "requests_") && name != "requests_per_s"
}

// number accepts a JSON number or null (evalscope's NaN).
func number(value any) (*float64, error) {
	switch v := value.(type) {
	case nil:
		return nil, nil
	case float64:
		return &v, nil
	}
	text, err := json.Marshal(value)
	if err != nil {
		return nil, fmt.Errorf("not a number: %w", err)
	}
	return nil, fmt.Errorf("not a number: %.60s", text)
}

func scale(n *float64, factor float64) *float64 {
	if n == nil {
		return nil
	}
	v := *n * factor
	return &v
}
