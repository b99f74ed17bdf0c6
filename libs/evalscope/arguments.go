package evalscope

import (
	"math"
	"slices"
	"strings"
	"time"

	"plimsoll.internal/libs/spec"
)

const (
	runName     = "run" // folder below the output folder
	commitEvery = 20    // rows between commits of its database: what a killed run loses at most

	// A duration needs a number too: no answer is expected faster than this, and never more requests
	// than the cap are prepared, because evalscope keeps them all in memory.
	fastestAnswer     = 50 * time.Millisecond
	mostTimedRequests = 200_000
)

// load is what one process is asked to do.
type load struct {
	Concurrency int     // requests in flight; 0 in open loop
	Rate        float64 // requests per second; 0 for none
	Requests    int
	Duration    time.Duration
	Warmup      int
	Bodies      string // path of a file of request bodies, one JSON object a line
	Outputs     string // folder for its files
}

// argument is one parameter of evalscope perf by its field name; the long flag is the same with dashes.
type argument struct {
	name  string
	value any
	must  bool // a version that does not know it cannot be used
}

// arguments lists what evalscope perf is told. The prepared bodies win over any parameter of a request.
func arguments(s spec.Spec, l load) []argument {
	args := []argument{
		{"url", endpoint(s.Target), true},
		{"api", "openai", true},
		{"model", s.Model, true},
		{"dataset", "line_by_line", true},
		{"dataset_path", l.Bodies, true},
		{"number", l.number(), true},
		{"stream", s.Stream == nil || *s.Stream, true},
		{"no_test_connection", true, true}, // the prober has looked already
		{"outputs_dir", l.Outputs, true},
		{"name", runName, true},
		{"no_timestamp", true, true},
		{"enable_progress_tracker", true, true},
		{"db_commit_interval", commitEvery, false},
		{"log_every_n_query", 1_000_000, false}, // each such line costs its client time
		{"num_workers", 1, false},               // no child processes
	}
	if l.Concurrency > 0 {
		args = append(args, argument{"parallel", l.Concurrency, true})
	} else {
		args = append(args, argument{"open_loop", true, true})
	}
	if l.Rate > 0 {
		args = append(args, argument{"rate", l.Rate, true})
	}
	if l.Duration > 0 {
		args = append(args, argument{"duration", l.Duration.Seconds(), true})
	}
	if l.Warmup > 0 {
		args = append(args, argument{"warmup_num", l.Warmup, true})
	}
	if len(s.Target.Headers) > 0 {
		args = append(args, argument{"headers", s.Target.Headers, true})
	}
	return append(args, timeouts(s)...)
}

// number is the asked-for count, or with a duration the most that could fit into it.
func (l load) number() int {
	if l.Duration <= 0 || l.Requests > 0 {
		return l.Requests
	}
	most := l.Rate*l.Duration.Seconds()*1.2 + 100
	if l.Rate <= 0 {
		most = float64(l.Concurrency) * float64(l.Duration) / float64(fastestAnswer)
	}
	return int(min(max(most, 100), mostTimedRequests))
}

// timeouts are whole seconds, rounded up. evalscope bounds the gap between two reads, so the longer of
// first token and stall applies to both; an answer in one piece has no such gap.
func timeouts(s spec.Spec) []argument {
	var args []argument
	add := func(name string, d time.Duration) {
		if d > 0 {
			args = append(args, argument{name, int(math.Ceil(d.Seconds())), true})
		}
	}
	add("total_timeout", requestTimeout(s))
	add("connect_timeout", time.Duration(s.Timeouts.Connect))
	if s.Stream == nil || *s.Stream {
		add("read_timeout", time.Duration(max(s.Timeouts.FirstToken, s.Timeouts.Stall)))
	}
	return args
}

// requestTimeout bounds one request; without one evalscope would wait for six hours.
func requestTimeout(s spec.Spec) time.Duration {
	if d := time.Duration(s.Timeouts.Request); d > 0 {
		return d
	}
	return 600 * time.Second
}

// endpoint is the full URL of the API; evalscope only completes it with a guess.
func endpoint(t spec.Target) string {
	base := strings.TrimRight(t.URL, "/")
	path := "/chat/completions"
	if t.API == spec.APICompletions {
		path = "/completions"
	}
	if strings.HasSuffix(base, path) {
		return base
	}
	return base + path
}

// asMap is what the shim is given, with the names that must be known.
func asMap(args []argument) (values map[string]any, must []string) {
	values = make(map[string]any, len(args))
	for _, a := range args {
		values[a.name] = a.value
		if a.must {
			must = append(must, a.name)
		}
	}
	slices.Sort(must)
	return values, must
}
