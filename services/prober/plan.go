package prober

import (
	"fmt"
	"strings"
	"time"

	"plimsoll.internal/libs/events"
	"plimsoll.internal/libs/spec"
)

// planned is the decision of one look that found nothing in the way.
func (r result) planned() events.Planned {
	plan := r.spec.Plan()
	return events.Planned{
		Spec: r.spec, Plan: plan, Prompt: r.Prompt, Warnings: r.Warnings,
		Reason: reason(r.spec, plan, r.Prompt),
	}
}

// reason says in one sentence what will be done.
func reason(s spec.Spec, p spec.Plan, pr events.Prompt) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s × %s at %s", count(len(p.Levels), "level"), count(p.Loops, "loop"), loads(p.Levels))
	if n := p.Requests(); n > 0 {
		fmt.Fprintf(&b, ", %s in all", count(n, "measured request"))
	} else if len(p.Levels) > 0 {
		fmt.Fprintf(&b, ", %v each", time.Duration(p.Levels[0].Duration))
	}
	if pr.TokensPerWord > 0 {
		fmt.Fprintf(&b, "; prompts of %s tokens at %.4g tokens per word and %.4g of template, answers of %s tokens.",
			length(s.InputLength), pr.TokensPerWord, pr.Overhead, length(s.OutputLength))
	} else {
		fmt.Fprintf(&b, "; one fixed prompt of %d tokens, answers of %s tokens.", pr.Measured, length(s.OutputLength))
	}
	return b.String()
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func loads(levels []spec.Level) string {
	var closed, open []string
	for _, l := range levels {
		if l.Rate > 0 {
			open = append(open, fmt.Sprintf("%g", l.Rate))
		} else {
			closed = append(closed, fmt.Sprint(l.Concurrency))
		}
	}
	if len(open) > 0 {
		return "a rate of " + strings.Join(open, ", ") + " per second"
	}
	return "concurrency " + strings.Join(closed, ", ")
}

func length(l spec.Length) string {
	if l.Fixed() {
		return fmt.Sprint(l.Min)
	}
	return fmt.Sprintf("%d to %d", l.Min, l.Max)
}
