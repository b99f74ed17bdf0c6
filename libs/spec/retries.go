package spec

import "plimsoll.internal/libs/failure"

// patience is how often a fault nobody has a name for is tried again: it is mostly the broker or the
// network, and the load is not to be made again because of them.
const patience = 10

// StageRetries is how often a stage that works on what was measured tries again after a failure of a class.
func (s Spec) StageRetries(c failure.Class) int {
	n := *s.WithDefaults().Retries
	if c == failure.Unknown {
		return max(n, patience)
	}
	return n
}
