package evalscope

import "time"

// quietLimit is how long nothing may finish: the slowest request that is allowed, for every round of a
// warm-up, which makes no progress; in open loop also a long gap between two arrivals.
func (r *run) quietLimit() time.Duration {
	limit := requestTimeout(r.job.Spec)*time.Duration(1+r.rounds(r.load.Warmup)) + r.d.Grace
	if r.load.Rate > 0 {
		limit += time.Duration(float64(10+r.load.Warmup) / r.load.Rate * float64(time.Second))
	}
	return limit
}

// wholeLimit is how long the run can take at most when every request is as slow as it may be.
func (r *run) wholeLimit() time.Duration {
	request := requestTimeout(r.job.Spec)
	if r.load.Duration > 0 {
		return r.quietLimit() + r.load.Duration + 2*request // one more wave is already queued at the end
	}
	limit := r.quietLimit() + time.Duration(r.rounds(r.load.Requests))*request
	if r.load.Rate > 0 {
		limit += time.Duration(float64(r.load.Requests) / r.load.Rate * 2 * float64(time.Second))
	}
	return limit
}

// rounds is how often a closed loop has to refill for n requests.
func (r *run) rounds(n int) int {
	if r.load.Concurrency <= 0 {
		return min(n, 1)
	}
	return (n + r.load.Concurrency - 1) / r.load.Concurrency
}
