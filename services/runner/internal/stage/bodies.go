package stage

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"time"

	"plimsoll.internal/libs/failure"
	"plimsoll.internal/libs/prompt"
	"plimsoll.internal/libs/spec"
)

// The prompts of a test are numbered. Every step and every new try of one has numbers of its own, so that
// no prompt is sent twice and no prompt cache of the server helps.
const (
	indexSpace      = 99_000_000 // the numbers from 100,000,000 on are the prober's
	diagnosticIndex = 99_500_000
)

// When a duration decides, nobody knows how many requests there will be. Enough prompts are made for
// requests of a quarter of a second, within a bound for the file; with fewer they are repeated.
const (
	shortest     = 250 * time.Millisecond
	mostBodies   = 200_000
	mostFileSize = 512 << 20 // bytes
)

// writeBodies writes the request bodies of one step, its warm-up first, into a file only this user reads.
func (t *test) writeBodies(number int, step spec.Step, warmup, try int) (path string, err error) {
	n := bodies(step.Level, t.plan.Spec)
	path = filepath.Join(t.dir, fmt.Sprintf("bodies_%d_%d_%d.jsonl", step.Level.Index, step.Loop, try))
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return "", failure.New(failure.Storage, "write the requests of level %d, loop %d: %v", step.Level.Index, step.Loop, err)
	}
	err = prompt.Bodies(f, t.plan.Spec, t.plan.Prompt, t.firstIndex(number, try), warmup+n)
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		t.remove(path)
		class := failure.OfError(err)
		if class != failure.Storage {
			class = failure.BadRequest
		}
		return "", failure.New(class, "write the requests of level %d, loop %d: %v", step.Level.Index, step.Loop, err)
	}
	return path, nil
}

func (t *test) remove(path string) {
	if err := os.Remove(path); err != nil {
		t.log.Warn("file of requests not removed", "path", path, "error", err)
	}
}

// firstIndex is the number of the first prompt of a step: a place for every step of the plan, and for each
// try of this and earlier attempts a new round of places.
func (t *test) firstIndex(number, try int) int {
	at, whole := 0, 0
	for i, s := range t.plan.Plan.Steps() {
		n := s.Level.Warmup + bodies(s.Level, t.plan.Spec)
		if i < number {
			at += n
		}
		whole += n
	}
	round := (t.claim.Attempt-1)*(*t.plan.Spec.Retries+1) + try
	return (round*whole + at) % indexSpace
}

// bodies is how many prompts the measured part of one loop of a level needs.
func bodies(l spec.Level, s spec.Spec) int {
	if l.Requests > 0 {
		return l.Requests
	}
	seconds := time.Duration(l.Duration).Seconds()
	n := math.Ceil(seconds/shortest.Seconds()) * float64(l.Concurrency)
	if l.Rate > 0 {
		n = math.Ceil(seconds*l.Rate) + 1
	}
	const perToken = 6 // bytes of text of one token, about
	room := mostFileSize / (perToken*s.InputLength.Max + 512)
	return max(1, min(int(n), mostBodies, room))
}
