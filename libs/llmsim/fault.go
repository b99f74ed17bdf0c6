package llmsim

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// Fault is one way to misbehave on purpose.
type Fault string

// The faults.
const (
	FaultServerError  Fault = "server_error"  // 500 at once
	FaultRateLimit    Fault = "rate_limit"    // 429 with Retry-After: 1
	FaultCut          Fault = "cut"           // connection closed after half of the tokens
	FaultStall        Fault = "stall"         // silence of Faults.Pause after half of the tokens
	FaultSlowHeaders  Fault = "slow_headers"  // headers come Faults.Pause late, tokens with them
	FaultErrorEvent   Fault = "error_event"   // an error event inside a 200 after half of the tokens
	FaultNoUsage      Fault = "no_usage"      // tokens are not reported
	FaultWrongModel   Fault = "wrong_model"   // the answer names another model
	FaultShortAnswer  Fault = "short_answer"  // half of the tokens asked for, min_tokens and ignore_eos ignored
	FaultGarbage      Fault = "garbage"       // an event that is not JSON after half of the tokens
	FaultEmpty        Fault = "empty"         // a proper end without any token
	FaultNoneAnswered Fault = "none_answered" // accepted, then nothing until the client goes away
)

// AllFaults lists every fault.
var AllFaults = []Fault{
	FaultServerError, FaultRateLimit, FaultCut, FaultStall, FaultSlowHeaders, FaultErrorEvent, FaultNoUsage,
	FaultWrongModel, FaultShortAnswer, FaultGarbage, FaultEmpty, FaultNoneAnswered,
}

// Faults says which requests meet which fault.
type Faults struct {
	Share map[Fault]float64 // share of all requests, 0–1; the sum must not exceed 1
	At    map[int]Fault     // by number of the request, from 0 in order of arrival; wins over Share
	Pause time.Duration     // how long stall and slow_headers last; 0: until the client goes away
}

// Check says what is wrong with the shares.
func (f Faults) Check() error {
	sum := 0.0
	for fault, share := range f.Share {
		if !slices.Contains(AllFaults, fault) {
			return fmt.Errorf("fault %q is not known: one of %v", fault, AllFaults)
		}
		if !(share >= 0 && share <= 1) {
			return fmt.Errorf("fault %s: share %v must be from 0 to 1", fault, share)
		}
		sum += share
	}
	if sum > 1+1e-9 {
		return fmt.Errorf("shares of all faults sum to %v, at most 1 is possible", sum)
	}
	return nil
}

// faultOf draws the fault of request number index: the same seed gives the same faults.
func (p Profile) faultOf(index int) Fault {
	if f, ok := p.Faults.At[index]; ok {
		return f
	}
	if len(p.Faults.Share) == 0 {
		return ""
	}
	at := rand.New(rand.NewPCG(uint64(p.Seed), uint64(index))).Float64()
	for _, f := range AllFaults {
		share := p.Faults.Share[f]
		if at < share {
			return f
		}
		at -= share
	}
	return ""
}
