package show

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/mattn/go-runewidth"

	"plimsoll.internal/libs/api"
)

// lineEvery is how often progress is told where no bar can be drawn.
const lineEvery = 10 * time.Second

// Progress shows how far a test is: a bar on a terminal, a line every 10 s elsewhere. Its methods may be
// called concurrently.
type Progress struct {
	Out      io.Writer
	Lang     Lang
	Terminal bool
	Width    int              // places of the terminal; 0 is 80
	Now      func() time.Time // nil is time.Now

	mu    sync.Mutex
	last  time.Time // when a line about the load was written
	state api.State
	drawn bool
}

// State tells the state of the test; a new one gets a line of its own.
func (p *Progress) State(s api.State) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if s == p.state {
		return
	}
	p.state = s
	if p.Terminal {
		p.draw(p.Lang.state(s), 0, false)
		return
	}
	_, _ = fmt.Fprintln(p.Out, p.Lang.state(s))
}

// Update tells how far the load is.
func (p *Progress) Update(v api.Progress) {
	p.mu.Lock()
	defer p.mu.Unlock()
	text := p.describe(v)
	if p.Terminal {
		p.draw(text, v.Percent, true)
		return
	}
	if p.now().Sub(p.last) >= lineEvery {
		_, _ = fmt.Fprintf(p.Out, "%3.0f%%  %s\n", v.Percent, text)
		p.last = p.now()
	}
}

// Clear takes the bar away, so that other lines can be written.
func (p *Progress) Clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.drawn {
		_, _ = io.WriteString(p.Out, "\r\x1b[K")
		p.drawn = false
	}
}

// describe says what is being done, how much of it, and how long the rest takes at this pace.
func (p *Progress) describe(v api.Progress) string {
	phases := map[api.ProgressPhase]string{
		"preflight": p.Lang.Say("preflight", "预检"), "warmup": p.Lang.Say("warm-up", "预热"),
		"measure": p.Lang.Say("measuring", "测量"), "report": p.Lang.Say("report", "报告"),
	}
	text := phases[v.Phase]
	if v.Check != nil && *v.Check != "" {
		return Clean(text + " " + *v.Check)
	}
	if v.Phase == "warmup" || v.Phase == "measure" {
		text += fmt.Sprintf("  %s %d %s %d  %d/%d", p.Lang.Say("level", "级别"), v.Level+1, p.Lang.Say("loop", "轮次"), v.Loop+1, v.Done, v.Total)
	}
	elapsed := time.Duration(v.ElapsedMs * float64(time.Millisecond))
	text += "  " + Span(elapsed)
	if v.Percent >= 1 && v.Percent < 100 {
		rest := time.Duration(float64(elapsed) * (100 - v.Percent) / v.Percent)
		text += "  " + p.Lang.Say("left about ", "约剩 ") + Span(rest)
	}
	return text
}

func (p *Progress) draw(text string, percent float64, bar bool) {
	const places = 24
	if bar {
		full := int(min(100, max(0, percent)) / 100 * places)
		text = fmt.Sprintf("%s%s %3.0f%%  %s", strings.Repeat("█", full), strings.Repeat("░", places-full), percent, text)
	}
	width := p.Width
	if width <= 0 {
		width = 80
	}
	_, _ = io.WriteString(p.Out, "\r\x1b[K"+cut(text, width-1))
	p.drawn = true
}

func (p *Progress) now() time.Time {
	if p.Now != nil {
		return p.Now()
	}
	return time.Now()
}

// cut shortens a text to a number of places.
func cut(s string, places int) string {
	return runewidth.Truncate(s, places, "…")
}
