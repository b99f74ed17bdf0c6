package output_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"plimsoll.internal/libs/evalscope/internal/output"
)

const good = `{"Total Requests": 4, "Success Requests": 3, "Failed Requests": 1, "Avg TTFT (ms)": 50.5`

func summaryOf(t *testing.T, text string) (output.Summary, error) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, output.SummaryFile), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return output.ReadSummary(dir)
}

func TestDamagedSummary(t *testing.T) {
	tests := []struct{ name, text string }{
		{"empty", ""},
		{"blanks", " \n "},
		{"cut off", good},
		{"cut off in a name", `{"Total Req`},
		{"text", "Traceback (most recent call last):"},
		{"text behind", good + "} and more"},
		{"a list", "[1, 2]"},
		{"null", "null"},
		{"another object", `{"status": "running"}`},
		{"a text for a number", good + `, "Avg ITL (ms)": "fast"}`},
		{"half a request", `{"Total Requests": 4, "Success Requests": 3.5, "Failed Requests": 1}`},
		{"less than none", `{"Total Requests": 4, "Success Requests": -1, "Failed Requests": 1}`},
		{"counts unknown", `{"Total Requests": NaN, "Success Requests": 3, "Failed Requests": 1}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, err := summaryOf(t, tt.text)
			var d *output.Damaged
			if !errors.As(err, &d) || d.File != output.SummaryFile {
				t.Errorf("read %+v, %v: want a damaged %s", s, err, output.SummaryFile)
			}
		})
	}
	if _, err := output.ReadSummary(t.TempDir()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing file: %v, want not exist", err)
	}
}

func TestSummaryKeepsWhatItDoesNotKnow(t *testing.T) {
	s, err := summaryOf(t, good+`, "Request Rate (req/s)": -1.0, "Avg TPOT (ms)": NaN, "Avg ITL (ms)": -Infinity,
		"Input Throughput (tok/s)": 0.0, "Req Throughput (req/s)": 0.0,
		"Quality \"NaN\" (%)": 12, "Mood": "NaN"}`)
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(s.Unknown)
	if !slices.Equal(s.Unknown, []string{"Mood", `Quality "NaN" (%)`}) || s.Raw["Mood"] != "NaN" {
		t.Errorf("unknown %v, mood %v: want both kept as they are", s.Unknown, s.Raw["Mood"])
	}
	for _, name := range []string{"rate_per_s", "tpot_ms_mean", "itl_ms_mean", "input_tokens_per_s"} {
		if v, ok := s.Figures[name]; !ok || v != nil {
			t.Errorf("%s is %v (%v), want there and unknown", name, v, ok)
		}
	}
	if v := s.Figures["requests_per_s"]; v == nil || *v != 0 {
		t.Errorf("requests_per_s is %v, want a real zero: something succeeded", v)
	}
	if v := s.Figures["ttft_ms_mean"]; v == nil || *v != 50.5 {
		t.Errorf("ttft_ms_mean is %v, want 50.5", v)
	}
}

func TestDamagedPercentiles(t *testing.T) {
	for name, text := range map[string]string{
		"an object":  `{}`,
		"no label":   `[{"TTFT (ms)": 1}]`,
		"odd label":  `[{"Percentiles": "half", "TTFT (ms)": 1}]`,
		"odd figure": `[{"Percentiles": "50%", "TTFT (ms)": [1]}]`,
		"cut off":    `[{"Percentiles": "50%"`,
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, output.PercentileFile), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			p, err := output.ReadPercentiles(dir)
			var d *output.Damaged
			if !errors.As(err, &d) {
				t.Errorf("read %+v, %v: want damaged", p, err)
			}
		})
	}
}

func FuzzReadSummary(f *testing.F) {
	f.Add([]byte(good + "}"))
	f.Add([]byte(`{"a": NaN, "b": "\"NaN`))
	f.Add([]byte(`-Infinity`))
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, raw []byte) {
		if err := os.WriteFile(filepath.Join(dir, output.SummaryFile), raw, 0o600); err != nil {
			t.Fatal(err)
		}
		if s, err := output.ReadSummary(dir); err == nil && (s.OK < 0 || s.Failed < 0) {
			t.Errorf("%q gave %+v", raw, s)
		}
	})
}
