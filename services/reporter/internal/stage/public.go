package stage

import (
	"context"

	"plimsoll.internal/libs/bus"
	"plimsoll.internal/libs/events"
	"plimsoll.internal/libs/failure"
)

// failed tells other systems that a test failed or was rejected. A failure that came after the test had
// ended changed nothing, and one of the archiver is no failure of the test: nobody is told of them.
func (s *Stage) failed(ctx context.Context, j bus.Job, t test) error {
	if t.State != events.StateFailed {
		return nil
	}
	f, stage, err := failureOf(j.Event)
	if err != nil {
		return bus.Reject(err)
	}
	if stage == string(events.Archiver) {
		return nil
	}
	p := s.public(t, events.KindFailed)
	p.Class, p.Message = f.Class, f.Message
	if err := s.Bus.PublishPublic(ctx, p); err != nil {
		return bus.Retry(s.delay(j.Deliveries), err)
	}
	return nil
}

func failureOf(e events.Event) (failure.Failure, string, error) {
	if e.Kind == events.KindRejected {
		p, err := events.Decode[events.Rejected](e)
		return p.Failure, string(events.Prober), err
	}
	p, err := events.Decode[events.Failed](e)
	return p.Failure, p.Stage, err
}

// announce tells other systems that the report is there, once, however often it is called.
func (s *Stage) announce(ctx context.Context, t test) error {
	for _, e := range t.history {
		if e.Kind != events.KindReported {
			continue
		}
		r, err := events.Decode[events.Reported](e)
		if err != nil {
			return err
		}
		p := s.public(t, events.KindReported)
		p.Verdict, p.Artifacts = r.Verdict, r.Artifacts
		return s.Bus.PublishPublic(ctx, p)
	}
	return nil
}

func (s *Stage) public(t test, k events.Kind) events.Public {
	return events.Public{TestID: t.TestID, Kind: k, Name: t.Spec.Name, Model: t.Spec.Model, Engine: t.Spec.Engine}
}
