package stage

import (
	"context"
	"time"

	"plimsoll.internal/libs/failure"
	"plimsoll.internal/libs/llm"
	"plimsoll.internal/libs/metrics"
	"plimsoll.internal/libs/prompt"
)

// diagnose names why nothing in a step succeeded. When the generator cannot tell, one request of the same
// kind is made through our own client.
func (t *test) diagnose(ctx context.Context, s metrics.Summary, samples []metrics.Sample) error {
	if s.Requests.Total == 0 {
		return failure.New(failure.GeneratorCrashed, "no request of level %d, loop %d was made", s.Level, s.Loop)
	}
	class := most(s.Errors)
	if class != failure.Unknown {
		return failure.New(class, "all %d requests of level %d, loop %d failed%s", s.Requests.Total, s.Level, s.Loop, example(samples, class))
	}
	body, err := prompt.Body(t.plan.Spec, t.plan.Prompt, diagnosticIndex)
	if err != nil {
		return failure.New(failure.Unknown, "all %d requests of level %d, loop %d failed: %v", s.Requests.Total, s.Level, s.Loop, err)
	}
	target := t.plan.Spec.Target
	client := llm.New(llm.Options{Insecure: !*target.TLSVerify, Connect: time.Duration(t.plan.Spec.Timeouts.Connect)})
	defer client.Close()
	found := client.Do(ctx, llm.Request{
		URL: target.URL, API: target.API, Key: t.key, Headers: target.Headers, Body: body,
		Stream: *t.plan.Spec.Stream, Timeouts: llm.TimeoutsOf(t.plan.Spec.Timeouts),
	})
	if found.Failure == nil {
		return failure.New(failure.Unknown,
			"all %d requests of level %d, loop %d failed and the generator does not say why; a single request made afterwards succeeded, so it may be the load",
			s.Requests.Total, s.Level, s.Loop)
	}
	return failure.New(found.Failure.Class, "all %d requests of level %d, loop %d failed; a single request made afterwards failed with: %s",
		s.Requests.Total, s.Level, s.Loop, found.Failure.Message)
}

// most is the class of most failures that have one.
func most(errors map[string]int) failure.Class {
	best := failure.Unknown
	for name, n := range errors {
		c := failure.Class(name)
		better := n > errors[string(best)] || n == errors[string(best)] && c < best
		if c != failure.Unknown && (best == failure.Unknown || better) {
			best = c
		}
	}
	return best
}

// example is what one request of that class met.
func example(samples []metrics.Sample, c failure.Class) string {
	for _, s := range samples {
		if s.Class == string(c) && s.Error != "" {
			return ", like this one: " + s.Error
		}
	}
	return ""
}
