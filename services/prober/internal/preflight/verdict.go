package preflight

import (
	"fmt"

	"plimsoll.internal/libs/events"
	"plimsoll.internal/libs/failure"
)

func ok(format string, args ...any) verdict {
	return verdict{status: events.CheckOK, detail: fmt.Sprintf(format, args...)}
}

func warn(format string, args ...any) verdict {
	return verdict{status: events.CheckWarning, detail: fmt.Sprintf(format, args...)}
}

func skipped(format string, args ...any) verdict {
	return verdict{status: events.CheckSkipped, detail: fmt.Sprintf(format, args...)}
}

func failed(f *failure.Failure) verdict {
	return verdict{status: events.CheckFailed, failure: f}
}

// advise replaces the general advice of a class by one for this case.
func advise(f *failure.Failure, en, zh string) *failure.Failure {
	f.Advice = failure.Text{EN: en, ZH: zh}
	return f
}

func tries(n int) string { return fmt.Sprintf(" (after %d tries)", n) }
