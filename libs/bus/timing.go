package bus

import (
	"fmt"
	"time"
)

// Timing is how long things may take before they count as lost. Every process on one broker must use the
// same: the safety of a take-over is the difference between SelfFence there and Grace here.
type Timing struct {
	AckWait      time.Duration // silence after which a job is given to somebody else; default 30 s
	Heartbeat    time.Duration // between two signs of life of a claim or a target; default 7 s
	SelfFence    time.Duration // without a confirmed sign of life the holder stops by itself; default 18 s
	Grace        time.Duration // silence a new holder waits for before it takes a claim; default SelfFence + 1 s
	Target       time.Duration // silence after which a target is free again, whole seconds; default 30 s
	HeartbeatTTL time.Duration // signs of life are forgotten, whole seconds; default 2 min
	Presence     time.Duration // silence after which a process counts as gone, whole seconds; default 30 s
	Ping         time.Duration // between two pings; a dead link is noticed after three; default 10 s
}

// complete fills in defaults and refuses what would break a rule.
func (t Timing) complete() (Timing, error) {
	defaultTo(&t.AckWait, 30*time.Second)
	defaultTo(&t.Heartbeat, 7*time.Second)
	defaultTo(&t.SelfFence, 18*time.Second)
	defaultTo(&t.Grace, t.SelfFence+time.Second)
	defaultTo(&t.Target, 30*time.Second)
	defaultTo(&t.HeartbeatTTL, 2*time.Minute)
	defaultTo(&t.Presence, 30*time.Second)
	defaultTo(&t.Ping, 10*time.Second)
	for _, rule := range []struct {
		holds bool
		says  string
	}{
		{t.Heartbeat < t.SelfFence, "Heartbeat must be shorter than SelfFence, or every holder stops itself"},
		{t.SelfFence < t.Grace, "Grace must be longer than SelfFence, or two may make load at once"},
		{t.SelfFence < t.AckWait, "SelfFence must be shorter than AckWait, or a job is given away while its holder works"},
		{t.SelfFence < t.Target, "Target must be longer than SelfFence, or two tests may load one target"},
		{t.Target >= time.Second && t.HeartbeatTTL >= time.Second && t.Presence >= time.Second, "Target, HeartbeatTTL and Presence must be at least 1 s"},
		{t.Grace < t.HeartbeatTTL, "HeartbeatTTL must be longer than Grace"},
	} {
		if !rule.holds {
			return t, fmt.Errorf("timing of the bus: %s", rule.says)
		}
	}
	return t, nil
}

func defaultTo(d *time.Duration, value time.Duration) {
	if *d == 0 {
		*d = value
	}
}
