package preflight

import (
	"context"
	"errors"

	"plimsoll.internal/libs/failure"
)

// tooShort refuses a prompt shorter than the server's own template.
func (c *calibration) tooShort(least int) *failure.Failure {
	f := failure.New(failure.BadRequest,
		"input_length %d is impossible here: the server's template and one word are %d tokens already",
		c.l.Spec.InputLength.Min, least)
	return advise(f, "Set input_length to the smallest possible or more, or use target.api completions, which has no chat template.",
		"请将 input_length 设为不小于该最小值，或改用没有对话模板的 completions 接口（target.api）。")
}

// refuse turns what stopped the calibration into the verdict; a context that is too small is told with the
// greatest input_length that fits.
func (c *calibration) refuse(ctx context.Context, err error) verdict {
	var f *failure.Failure
	if !errors.As(err, &f) {
		return failed(failure.New(failure.Unknown, "%v", err))
	}
	if f.Class != failure.ContextLength {
		return failed(f)
	}
	s := c.l.Spec
	if size := contextLimit(f.Message); size > 0 {
		most := size - s.OutputLength.Max
		if most < 1 {
			return failed(failure.New(failure.ContextLength,
				"the context of this server is %d tokens: output_length %d alone does not leave room for a prompt", size, s.OutputLength.Max))
		}
		return failed(failure.New(failure.ContextLength,
			"the context of this server is %d tokens: with output_length %d the greatest possible input_length is %d, asked was %d",
			size, s.OutputLength.Max, most, s.InputLength.Max))
	}
	c.grope(ctx)
	return failed(failure.New(failure.ContextLength,
		"prompts of input_length %d with output_length %d do not fit into the context of this server; a prompt of %d tokens was accepted, less than %d of answer may fit with it (%s)",
		s.InputLength.Max, s.OutputLength.Max, c.best.tokens, s.OutputLength.Max, f.Message))
}

// grope looks for a longer prompt that is still accepted, halving the distance with the requests left.
func (c *calibration) grope(ctx context.Context) {
	if c.best.words == 0 {
		return
	}
	perWord := float64(c.best.tokens) / float64(c.best.words)
	low, high := c.best.words, int(float64(c.l.Spec.InputLength.Max)/perWord)
	for high-low > 1 {
		middle := (low + high) / 2
		_, err := c.measure(ctx, middle)
		var f *failure.Failure
		switch {
		case err == nil:
			low = middle
		case errors.As(err, &f) && f.Class == failure.ContextLength:
			high = middle
		default:
			return
		}
	}
}
