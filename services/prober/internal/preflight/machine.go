package preflight

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"plimsoll.internal/libs/evalscope"
	"plimsoll.internal/libs/events"
	"plimsoll.internal/libs/failure"
	"plimsoll.internal/libs/openfiles"
	"plimsoll.internal/libs/spec"
)

// maxSkew is how far the clocks may be apart before a person should know.
const maxSkew = 2 * time.Second

// clock compares the target's Date header with this machine's clock. No figure depends on it, but logs of
// both sides can only be read together when the clocks agree.
func clock(_ context.Context, l *look) verdict {
	if l.answer.Date.IsZero() {
		return skipped("the server sends no Date header")
	}
	// The header is cut to whole seconds: on average it is half a second old.
	skew := l.answer.Date.Add(500 * time.Millisecond).Sub(l.answer.FirstByte)
	if skew.Abs() > maxSkew {
		return warn("the server's clock is %+.0f s from this machine's", skew.Seconds())
	}
	return ok("the clocks agree within %v", maxSkew)
}

// askInstalled asks the installation while the target is looked at: starting Python takes a while.
func askInstalled(ctx context.Context, in Input) func() (evalscope.Status, error) {
	if in.Spec.Generator != spec.GeneratorEvalscope {
		return nil
	}
	type answer struct {
		status evalscope.Status
		err    error
	}
	answers := make(chan answer, 1)
	go func() {
		status, err := evalscope.Check(ctx, in.Machine.Python)
		answers <- answer{status, err}
	}()
	return sync.OnceValues(func() (evalscope.Status, error) {
		a := <-answers
		return a.status, a.err
	})
}

// generator looks whether what makes the load is there.
func generator(_ context.Context, l *look) verdict {
	if l.Spec.Generator != spec.GeneratorEvalscope {
		return skipped("generator %s needs nothing", l.Spec.Generator)
	}
	if !*l.Spec.Target.TLSVerify {
		return failed(advise(failure.New(failure.BadRequest, "target.tls_verify is false, but evalscope always verifies certificates"),
			"Install a valid certificate, or set SSL_CERT_FILE of the runner to the server's CA and leave target.tls_verify true.",
			"请安装有效证书，或在 runner 上用 SSL_CERT_FILE 指定服务端 CA，并保持 target.tls_verify 为 true。"))
	}
	status, err := l.installed()
	if err != nil {
		var f *failure.Failure
		if !errors.As(err, &f) {
			f = failure.New(failure.GeneratorMissing, "%v", err)
		}
		return failed(f)
	}
	if !status.Usable() {
		return failed(failure.New(failure.GeneratorMissing, "%s", strings.Join(status.Problems, "; ")))
	}
	wrong := func(f events.KnownFault) bool { return f.Severity == "wrong" }
	if slices.ContainsFunc(evalscope.KnownFaults(status.Evalscope), wrong) {
		return warn("evalscope %s gets figures wrong; the report names them", status.Evalscope)
	}
	return ok("evalscope %s on Python %s", status.Evalscope, status.PythonVersion)
}

const (
	littleSpace = 1 << 30   // bytes: told below this
	noSpace     = 100 << 20 // bytes: refused below this
)

// disk looks for room for the raw data and the workbook.
func disk(_ context.Context, l *look) verdict {
	free, err := freeSpace(l.Machine.DataDir)
	if err != nil {
		return skipped("free space of %s is not known: %v", l.Machine.DataDir, err)
	}
	return judgeSpace(free, l.Machine.DataDir)
}

func judgeSpace(free uint64, dir string) verdict {
	mib := free >> 20
	switch {
	case free < noSpace:
		return failed(failure.New(failure.Storage, "only %d MiB are free in %s, at least %d are needed", mib, dir, noSpace>>20))
	case free < littleSpace:
		return warn("only %d MiB are free in %s", mib, dir)
	}
	return ok("%d MiB are free in %s", mib, dir)
}

// spareFiles are open files besides the connections: broker, logs, database, pipes.
const spareFiles = 128

// files raises the limit of open files as far as allowed and compares it with the connections needed.
func files(_ context.Context, l *look) verdict {
	limit, err := openfiles.Raise()
	if err != nil {
		return skipped("the limit of open files is not known: %v", err)
	}
	return judgeFiles(limit, connections(l.Spec))
}

func judgeFiles(limit uint64, need int) verdict {
	if limit < uint64(need)+spareFiles {
		return failed(failure.New(failure.ClientResource, "this machine allows %d open files, %d connections need %d", limit, need, need+spareFiles))
	}
	return ok("%d open files allowed, %d needed", limit, need+spareFiles)
}

// connections is how many requests may be in flight at once. In open loop nobody knows; a request is
// taken to last ten seconds.
func connections(s spec.Spec) int {
	most := int(s.Rate * 10)
	for _, level := range s.Plan().Levels {
		most = max(most, level.Concurrency)
	}
	return most
}

// freeSpace is what this user may still write in a folder (bytes).
func freeSpace(dir string) (uint64, error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return 0, err
	}
	return s.Bavail * uint64(s.Bsize), nil
}
