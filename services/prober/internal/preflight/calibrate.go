package preflight

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"golang.org/x/sync/errgroup"

	"plimsoll.internal/libs/failure"
	"plimsoll.internal/libs/prompt"
	"plimsoll.internal/libs/spec"
)

// mostRequests bounds the calibration.
const mostRequests = 8

// errEnough says that no request is left.
var errEnough = errors.New("no calibration request is left")

// calibration finds out how many words make a prompt of input_length on this server.
type calibration struct {
	l    *look
	mu   sync.Mutex // guards what follows
	sent int
	best point // the longest prompt that was accepted
}

// calibrate makes the prompts as long as asked, by the server's own count, and makes sure that the longest
// prompt and answer fit into its context.
func calibrate(ctx context.Context, l *look) verdict {
	c := &calibration{l: l}
	if l.Spec.Prompts.Source != spec.SourceSynthetic {
		return c.fixed(ctx)
	}
	low, high, cal, err := c.search(ctx)
	if err != nil {
		return c.refuse(ctx, err)
	}
	if err := c.fits(ctx, prompt.Words(cal, l.Spec.InputLength.Max)); err != nil {
		return c.refuse(ctx, err)
	}
	l.prompt.TokensPerWord, l.prompt.Overhead = cal.TokensPerWord, cal.Overhead
	l.prompt.Measured, l.prompt.Source = high.tokens, "usage"
	return c.judge(low, high, cal)
}

// search fits a line through two measurements and corrects it until both ends of the range are met or no
// request is left.
func (c *calibration) search(ctx context.Context) (low, high point, cal prompt.Calibration, err error) {
	want := c.l.Spec.InputLength
	short := min(max(want.Min/4, 1), 64)
	first, second, err := c.pair(ctx, short, max(short+16, want.Max/2))
	if err != nil {
		return low, high, cal, err
	}
	if second.tokens <= first.tokens {
		return low, high, cal, failure.New(failure.BadStream,
			"the server counts %d tokens for %d words and %d for %d: its usage figures cannot be used",
			first.tokens, first.words, second.tokens, second.words)
	}
	cal = fit(first, second)
	for {
		if float64(smallest(cal)) > float64(want.Min)+allowed(want.Min, cal.TokensPerWord) {
			return low, high, cal, c.tooShort(smallest(cal))
		}
		nextLow, nextHigh, err := c.ends(ctx, cal)
		if errors.Is(err, errEnough) && high.words > 0 {
			return low, high, cal, nil // as near as it gets; judge tells
		}
		if err != nil {
			return low, high, cal, err
		}
		low, high = nextLow, nextHigh
		if c.met(low, high, cal) || c.sent+2 > mostRequests-1 {
			return low, high, cal, nil
		}
		cal = refit(cal, second, low, high)
	}
}

// refit corrects the line by what the ends of the range really gave.
func refit(cal prompt.Calibration, far, low, high point) prompt.Calibration {
	switch {
	case low.words != high.words && high.tokens > low.tokens:
		return fit(low, high)
	case far.words != high.words && (far.words < high.words) == (far.tokens < high.tokens):
		return fit(far, high)
	}
	cal.Overhead = float64(high.tokens) - cal.TokensPerWord*float64(high.words)
	return cal
}

// ends measures the shortest and the longest prompt of the range.
func (c *calibration) ends(ctx context.Context, cal prompt.Calibration) (low, high point, err error) {
	want := c.l.Spec.InputLength
	if want.Fixed() {
		high, err = c.measure(ctx, prompt.Words(cal, want.Max))
		return high, high, err
	}
	return c.pair(ctx, prompt.Words(cal, want.Min), prompt.Words(cal, want.Max))
}

// pair measures two prompts at the same time.
func (c *calibration) pair(ctx context.Context, fewer, more int) (low, high point, err error) {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() (err error) { low, err = c.measure(ctx, fewer); return err })
	group.Go(func() (err error) { high, err = c.measure(ctx, more); return err })
	err = group.Wait()
	return low, high, err
}

func (c *calibration) met(low, high point, cal prompt.Calibration) bool {
	want := c.l.Spec.InputLength
	return within(want.Min, low.tokens, cal.TokensPerWord) && within(want.Max, high.tokens, cal.TokensPerWord)
}

// measure has the server count a new text of so many words. One request is kept back for fits.
func (c *calibration) measure(ctx context.Context, words int) (point, error) {
	body, err := c.next(words)
	if err != nil {
		return point{}, err
	}
	n, err := c.count(ctx, body)
	if err != nil {
		return point{}, err
	}
	p := point{words, n}
	c.mu.Lock()
	defer c.mu.Unlock()
	if n > c.best.tokens {
		c.best = p
	}
	return p, nil
}

// next is the body of the next request, or errEnough.
func (c *calibration) next(words int) ([]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.sent >= mostRequests-1 {
		return nil, errEnough
	}
	c.sent++
	return c.l.body(words, 1, *c.l.Spec.Stream)
}

// count sends one request for a single token and returns what the server counted for its prompt.
func (c *calibration) count(ctx context.Context, body []byte) (int, error) {
	t := c.l.client.Do(ctx, c.l.request(body, *c.l.Spec.Stream))
	// One token alone may be half a character and show nothing.
	if f := t.Failure; f != nil && (f.Class != failure.EmptyOutput || t.Prompt == nil) {
		return 0, f
	}
	if t.Prompt == nil || *t.Prompt <= 0 {
		return 0, failure.New(failure.BadStream, "the server reported no prompt_tokens for a calibration request")
	}
	return int(*t.Prompt), nil
}

// fits asks for the longest prompt with the longest answer and hangs up at the first token: a server that
// cannot hold both says so before.
func (c *calibration) fits(ctx context.Context, words int) error {
	body, err := c.l.body(words, c.l.Spec.OutputLength.Max, true)
	if err != nil {
		return err
	}
	return c.begin(ctx, body)
}

func (c *calibration) begin(ctx context.Context, body []byte) error {
	c.sent++
	r := c.l.request(body, true)
	r.StopAfter = 1
	if t := c.l.client.Do(ctx, r); t.Failure != nil && t.Failure.Class != failure.EmptyOutput {
		return t.Failure
	}
	return nil
}

// fixed measures a prompt whose text the user gave.
func (c *calibration) fixed(ctx context.Context) verdict {
	s := c.l.Spec
	c.sent++
	body, err := c.l.encode(s.Prompts.Text, 1, *s.Stream)
	if err != nil {
		return failed(failure.New(failure.BadRequest, "%v", err))
	}
	n, err := c.count(ctx, body)
	if err != nil {
		return c.refuse(ctx, err)
	}
	if body, err = c.l.encode(s.Prompts.Text, s.OutputLength.Max, true); err != nil {
		return failed(failure.New(failure.BadRequest, "%v", err))
	}
	if err := c.begin(ctx, body); err != nil {
		return c.refuse(ctx, err)
	}
	c.l.prompt.Measured, c.l.prompt.Source = n, "usage"
	if !within(s.InputLength.Min, n, 0) && !within(s.InputLength.Max, n, 0) && (n < s.InputLength.Min || n > s.InputLength.Max) {
		return warn("the fixed text is %d tokens on this server; input_length (%d) is not used", n, s.InputLength.Max)
	}
	return ok("the fixed text is %d tokens on this server", n)
}

func (c *calibration) judge(low, high point, cal prompt.Calibration) verdict {
	want := c.l.Spec.InputLength
	seen := fmt.Sprintf("%d words are %d tokens (%+.1f %%)", high.words, high.tokens, offPercent(want.Max, high.tokens))
	if !want.Fixed() {
		seen = fmt.Sprintf("%d words are %d tokens (%+.1f %%), ", low.words, low.tokens, offPercent(want.Min, low.tokens)) + seen
	}
	line := fmt.Sprintf("%s by the server's count; %.4g tokens per word and %.4g of template; %d requests", seen, cal.TokensPerWord, cal.Overhead, c.sent)
	if !c.met(low, high, cal) {
		return warn("input_length is not met within 1 %%: %s", line)
	}
	return ok("%s", line)
}
