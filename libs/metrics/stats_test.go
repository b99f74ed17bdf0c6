package metrics

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestPercentileNearestRank(t *testing.T) {
	hundred := make([]float64, 100)
	thousand := make([]float64, 1000)
	for i := range thousand {
		thousand[i] = float64(i + 1)
	}
	copy(hundred, thousand)
	tests := []struct {
		name   string
		values []float64
		p      float64
		want   float64
	}{
		{"one value", []float64{7}, 50, 7},
		{"p50 of two is the lower", []float64{1, 2}, 50, 1},
		{"p50 of three", []float64{1, 2, 3}, 50, 2},
		{"p99 of a hundred", hundred, 99, 99},
		{"p95 of a hundred", hundred, 95, 95},
		{"p99 of two", []float64{1, 2}, 99, 2},
		{"p0", hundred, 0, 1},
		{"p100", hundred, 100, 100},
		{"p99.9 of a thousand", thousand, 99.9, 999},
		{"below the scale", hundred, -5, 1},
		{"above the scale", hundred, 500, 100},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Percentile(tt.values, tt.p); got != tt.want {
				t.Errorf("Percentile(%d values, %v) = %v, want %v", len(tt.values), tt.p, got, tt.want)
			}
		})
	}
	if !math.IsNaN(Percentile(nil, 50)) {
		t.Error("a percentile of nothing is a number")
	}
}

func TestStatsOf(t *testing.T) {
	if StatsOf(nil) != nil || StatsOf([]float64{math.NaN(), math.Inf(1)}) != nil {
		t.Error("statistics of nothing")
	}
	one := StatsOf([]float64{5})
	if one.Stddev != nil || one.Mean != 5 || one.P99 != 5 || one.Count != 1 {
		t.Errorf("one value: %+v", one)
	}
	values := []float64{9, 2, math.NaN(), 4, 4, 5, 5, 7, 4}
	s := StatsOf(values)
	if s.Count != 8 || s.Mean != 5 || s.Min != 2 || s.Max != 9 || s.P50 != 4 || s.P90 != 9 {
		t.Errorf("StatsOf = %+v", s)
	}
	if want := math.Sqrt(32.0 / 7); math.Abs(*s.Stddev-want) > 1e-12 {
		t.Errorf("stddev = %v, want %v", *s.Stddev, want)
	}
	if values[0] != 9 {
		t.Error("the caller's values were sorted")
	}
}

// Whatever the values: figures lie in order between the extremes, and do not depend on the order of input.
func TestStatsOfProperties(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		values := make([]float64, 1+r.IntN(400))
		scale := math.Pow(10, float64(r.IntN(20)-8))
		for i := range values {
			values[i] = scale * (1e6*float64(r.IntN(2)) + r.ExpFloat64())
		}
		s := StatsOf(values)
		steps := []float64{s.Min, s.P50, s.P90, s.P95, s.P99, s.Max}
		if !slices.IsSorted(steps) {
			t.Fatalf("out of order: %v", steps)
		}
		if s.Mean < s.Min || s.Mean > s.Max {
			t.Fatalf("mean %v outside %v–%v", s.Mean, s.Min, s.Max)
		}
		if s.Stddev != nil && (*s.Stddev < 0 || *s.Stddev > (s.Max-s.Min)*math.Sqrt2) {
			t.Fatalf("stddev %v of values from %v to %v", *s.Stddev, s.Min, s.Max)
		}
		for _, p := range []float64{s.P50, s.P90, s.P95, s.P99} {
			if !slices.Contains(values, p) {
				t.Fatalf("percentile %v was never measured", p)
			}
		}
		shuffled := slices.Clone(values)
		r.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		if again := StatsOf(shuffled); again.Mean != s.Mean || again.P95 != s.P95 || again.Count != s.Count {
			t.Fatalf("order matters: %+v and %+v", s, again)
		}
	}
}

func BenchmarkStatsOf(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	values := make([]float64, 100_000)
	for i := range values {
		values[i] = r.ExpFloat64()
	}
	b.ReportAllocs()
	for b.Loop() {
		StatsOf(values)
	}
}
