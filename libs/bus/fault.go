package bus

import (
	"errors"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// What can go wrong that a caller may want to tell apart.
var (
	ErrConflict      = errors.New("somebody else was faster")                                                        // an expectation does not hold
	ErrTaken         = errors.New("another process holds this test")                                                 // Claim
	ErrFenced        = errors.New("another process has taken this test over")                                        // a claim that was lost
	ErrUnconfirmed   = errors.New("the broker did not confirm in time that this process still holds the test")       // self-fence
	ErrTargetBusy    = errors.New("another test uses this target")                                                   // HoldTarget
	ErrObjectMissing = errors.New("object does not exist")                                                           // Open
	ErrObjectDamaged = errors.New("object is not what was written")                                                  // Open
	ErrStorageFull   = errors.New("the broker has no room left; free disk space or raise its limit")                 // any write
	ErrUnavailable   = errors.New("nobody answers")                                                                  // Request
	ErrStreamReset   = errors.New("the stream ends before the place that was read already; it was lost or replaced") // Follow
)

// Codes of the server that matter here.
const (
	codeWrongLastSeq        jetstream.ErrorCode = 10071
	codeWrongLastSeqCluster jetstream.ErrorCode = 10164
	codeNoResources         jetstream.ErrorCode = 10023
	codeMemoryExceeded      jetstream.ErrorCode = 10028
	codeStorageExceeded     jetstream.ErrorCode = 10047
	codeStoreFailed         jetstream.ErrorCode = 10077
)

func codeOf(err error) jetstream.ErrorCode {
	var api *jetstream.APIError
	if errors.As(err, &api) {
		return api.ErrorCode
	}
	return 0
}

// conflict reports that an expectation about the last sequence does not hold.
func conflict(err error) bool {
	code := codeOf(err)
	return code == codeWrongLastSeq || code == codeWrongLastSeqCluster
}

func storageFull(err error) bool {
	switch codeOf(err) {
	case codeNoResources, codeMemoryExceeded, codeStorageExceeded, codeStoreFailed:
		return true
	}
	return false
}

// transient reports that the same request may succeed later. Not every 503 is one: limits answer 503 too.
func transient(err error) bool {
	for _, final := range []error{
		nats.ErrConnectionClosed, nats.ErrConnectionDraining, nats.ErrMaxPayload, nats.ErrBadSubject,
		nats.ErrInvalidMsg, nats.ErrPermissionViolation,
	} {
		if errors.Is(err, final) {
			return false
		}
	}
	var api *jetstream.APIError
	if errors.As(err, &api) {
		return api.Code == 503 && !storageFull(err)
	}
	return true
}
