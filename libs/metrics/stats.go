package metrics

import (
	"math"
	"slices"
)

// StatsOf describes a distribution, nil when there is nothing to describe. Values that are not finite are
// left out. The order of values is kept.
//
//	mean   = Σx / n
//	stddev = √(Σ(x − mean)² / (n − 1)), nil below two values
//	p50 …  = nearest rank, see Percentile
func StatsOf(values []float64) *Stats {
	finite := make([]float64, 0, len(values))
	for _, v := range values {
		if !math.IsNaN(v) && !math.IsInf(v, 0) {
			finite = append(finite, v)
		}
	}
	return statsOf(finite)
}

// statsOf sorts its argument in place; every value is finite.
func statsOf(values []float64) *Stats {
	if len(values) == 0 {
		return nil
	}
	slices.Sort(values)
	mean, stddev := moments(values)
	return &Stats{
		Count: len(values), Mean: mean, Stddev: stddev,
		Min: values[0], Max: values[len(values)-1],
		P50: Percentile(values, 50), P90: Percentile(values, 90),
		P95: Percentile(values, 95), P99: Percentile(values, 99),
	}
}

// moments uses Welford's recurrence, which stays exact for many large, close values. Rounding may not
// carry the mean outside the values it is the mean of.
func moments(sorted []float64) (mean float64, stddev *float64) {
	var squares float64
	for i, v := range sorted {
		delta := v - mean
		mean += delta / float64(i+1)
		squares += delta * (v - mean)
	}
	mean = min(max(mean, sorted[0]), sorted[len(sorted)-1])
	if len(sorted) < 2 {
		return mean, nil
	}
	s := math.Sqrt(squares / float64(len(sorted)-1))
	return mean, &s
}

// Percentile returns the p-th percentile (0–100) of values in rising order by nearest rank: the
// ⌈p·n/100⌉-th smallest, so it is always a value that was measured. NaN when there are none.
func Percentile(sorted []float64, p float64) float64 {
	if len(sorted) == 0 {
		return math.NaN()
	}
	// p·n/100 may come out a hair above a whole number (99.9 % of 1000); the hair must not cost a rank.
	rank := int(math.Ceil(p*float64(len(sorted))/100 - 1e-9))
	return sorted[min(max(rank, 1), len(sorted))-1]
}
