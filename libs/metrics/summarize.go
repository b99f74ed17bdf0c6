package metrics

import (
	"fmt"

	"plimsoll.internal/libs/failure"
)

// The sources of token counts.
const (
	TokensUsage   = "usage"   // the server's own usage figures
	TokensCounted = "counted" // counted by the generator
	TokensUnknown = "unknown" // at least one successful request has no count
)

const nsPerMs = 1e6

// Summarize folds the measured requests of one loop of one level. Asked is the number of requests the plan
// wanted, 0 when a duration decided. Failed requests are counted by class, kept out of every distribution
// and token sum, and stay in the duration: time spent failing is time spent.
//
//	duration            = last known end − first start, of all requests
//	requests_per_s      = ok / duration
//	output_tokens_per_s = Σ output tokens of ok / duration
//	total_tokens_per_s  = Σ (input + output tokens) of ok / duration
//	ttft, tpot, e2e     = one value per ok request that has it
//	itl                 = every gap of every ok request, pooled
func Summarize(level, loop, concurrency, asked int, s []Sample) Summary {
	out := Summary{
		Level: level, Loop: loop, Concurrency: concurrency,
		Requests: Requests{Asked: asked, Total: len(s)},
		Errors:   map[string]int{},
		TTFT:     distribution(s, func(x *Sample) *int64 { return x.TTFTNs }),
		TPOT:     distribution(s, func(x *Sample) *int64 { return x.TPOTNs }),
		E2E:      distribution(s, func(x *Sample) *int64 { return x.E2ENs }),
		ITL:      gaps(s),
		Tokens:   tokensOf(s),
	}
	for i := range s {
		if s[i].OK {
			out.Requests.OK++
			continue
		}
		out.Requests.Failed++
		out.Errors[classOf(&s[i])]++
	}
	out.DurationMs = durationMs(s)
	out.Throughput = throughputOf(out)
	if asked > 0 && asked != len(s) {
		out.Incomplete = fmt.Sprintf("%d requests were asked for, %d were recorded", asked, len(s))
	}
	return out
}

// TPOTNs is the time per output token of one request in ns, nil below two tokens.
//
//	tpot = (e2e − ttft) / (output tokens − 1)
//
// The first token is left out because it is the prefill's; vLLM's bench and evalscope define it so too.
func TPOTNs(ttftNs, e2eNs, outputTokens int64) *int64 {
	if outputTokens < 2 || e2eNs < ttftNs {
		return nil
	}
	v := (e2eNs - ttftNs) / (outputTokens - 1)
	return &v
}

func classOf(x *Sample) string {
	if failure.Class(x.Class).Known() {
		return x.Class
	}
	return string(failure.Unknown)
}

// distribution collects one figure in ms of every successful request that has it.
func distribution(s []Sample, figure func(*Sample) *int64) *Stats {
	values := make([]float64, 0, len(s))
	for i := range s {
		if v := figure(&s[i]); s[i].OK && v != nil {
			values = append(values, float64(*v)/nsPerMs)
		}
	}
	return statsOf(values)
}

func gaps(s []Sample) *Stats {
	n := 0
	for i := range s {
		if s[i].OK {
			n += len(s[i].ITLNs)
		}
	}
	values := make([]float64, 0, n)
	for i := range s {
		if !s[i].OK {
			continue
		}
		for _, gap := range s[i].ITLNs {
			values = append(values, float64(gap)/nsPerMs)
		}
	}
	return statsOf(values)
}

// tokensOf sums the tokens; one successful request without a count makes a sum unknown, because a sum
// with a hole in it would pass for a whole one.
func tokensOf(s []Sample) Tokens {
	sum := func(figure func(*Sample) *int64) *int64 {
		total, any := int64(0), false
		for i := range s {
			if !s[i].OK {
				continue
			}
			v := figure(&s[i])
			if v == nil {
				return nil
			}
			total, any = total+*v, true
		}
		if !any {
			return nil
		}
		return &total
	}
	t := Tokens{
		Input:  sum(func(x *Sample) *int64 { return x.InputTok }),
		Output: sum(func(x *Sample) *int64 { return x.OutputTok }),
		Source: TokensUsage,
	}
	if t.Input == nil || t.Output == nil {
		t.Source = TokensUnknown
	}
	return t
}

// durationMs spans from the first start to the last known end; nil when no end is known.
func durationMs(s []Sample) *float64 {
	var first, last int64
	known := false
	for i := range s {
		if i == 0 || s[i].StartNs < first {
			first = s[i].StartNs
		}
		if s[i].E2ENs == nil {
			continue
		}
		if end := s[i].StartNs + *s[i].E2ENs; !known || end > last {
			last, known = end, true
		}
	}
	if !known || last < first {
		return nil
	}
	ms := float64(last-first) / nsPerMs
	return &ms
}

func throughputOf(s Summary) Throughput {
	if s.DurationMs == nil || *s.DurationMs <= 0 {
		return Throughput{}
	}
	perS := func(n float64) *float64 {
		v := n / (*s.DurationMs / 1000)
		return &v
	}
	t := Throughput{Requests: perS(float64(s.Requests.OK))}
	if s.Tokens.Output != nil {
		t.Output = perS(float64(*s.Tokens.Output))
	}
	if s.Tokens.Output != nil && s.Tokens.Input != nil {
		t.Total = perS(float64(*s.Tokens.Input + *s.Tokens.Output))
	}
	return t
}
