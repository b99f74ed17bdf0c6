package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"strings"
	"syscall"
	"testing"

	"plimsoll.internal/cmd/show"
	"plimsoll.internal/libs/api"
)

func TestCodeOfError(t *testing.T) {
	tests := []struct {
		name string
		err  error
		want int
	}{
		{"nothing wrong", nil, ExitOK},
		{"unknown", errors.New("x"), ExitUnexpected},
		{"a full disk is not the network", &fs.PathError{Op: "write", Path: "/dev/stdout", Err: syscall.ENOSPC}, ExitUnexpected},
		{"usage", &Error{Code: ExitUsage}, ExitUsage},
		{"wrapped", fmt.Errorf("x: %w", &Error{Code: ExitConflict}), ExitConflict},
		{"cause inside a URL error", &url.Error{Op: "Get", URL: "http://x", Err: &Error{Code: ExitUnexpected}}, ExitUnexpected},
		{"refused connection", &url.Error{Op: "Get", URL: "http://x", Err: &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}}, ExitUnreachable},
		{"broken connection", &net.OpError{Op: "read", Err: syscall.ECONNRESET}, ExitUnreachable},
		{"interrupt", signalled{os.Interrupt}, ExitInterrupted},
		{"terminate", signalled{syscall.SIGTERM}, ExitTerminated},
		{"problem", &problem{api.Problem{Status: 404}}, ExitNotFound},
	}
	for _, tt := range tests {
		if got := codeOfError(tt.err); got != tt.want {
			t.Errorf("%s: exit %d, want %d", tt.name, got, tt.want)
		}
	}
}

func TestCodeOfStatus(t *testing.T) {
	want := map[int]int{
		400: ExitUsage, 413: ExitUsage, 415: ExitUsage, 422: ExitUsage, 401: ExitDenied, 403: ExitDenied,
		404: ExitNotFound, 410: ExitNotFound, 409: ExitConflict, 412: ExitConflict,
		429: ExitUnreachable, 502: ExitUnreachable, 503: ExitUnreachable, 504: ExitUnreachable, 500: ExitUnexpected,
	}
	for status, code := range want {
		if got := codeOfStatus(status); got != code {
			t.Errorf("status %d: exit %d, want %d", status, got, code)
		}
	}
}

func TestCodeOfTest(t *testing.T) {
	tests := []struct {
		state, verdict string
		want           int
	}{
		{"succeeded", "none", ExitOK},
		{"succeeded", "pass", ExitOK},
		{"succeeded", "fail", ExitSLOFailed},
		{"succeeded", "inconclusive", ExitInconclusive},
		{"failed", "none", ExitTestFailed},
		{"cancelled", "none", ExitCancelled},
	}
	for _, tt := range tests {
		got := codeOfTest(api.Test{State: api.State(tt.state), Verdict: api.Verdict(tt.verdict)})
		if got != tt.want {
			t.Errorf("%s, %s: exit %d, want %d", tt.state, tt.verdict, got, tt.want)
		}
	}
}

func TestEveryCodeIsExplained(t *testing.T) {
	for _, l := range []show.Lang{show.English, show.Chinese} {
		table := exitTable(l)
		for _, code := range []int{0, 1, 2, 3, 4, 5, 6, 10, 11, 12, 13, 14, 130, 143} {
			if strings.Count(table, fmt.Sprintf("%4d  ", code)) != 1 {
				t.Errorf("%s: code %d must stand once in\n%s", l, code, table)
			}
		}
	}
}

func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(signalled{syscall.SIGTERM})
	if s, ok := interrupted(ctx); !ok || s.code() != ExitTerminated {
		t.Errorf("got %v, %v", s, ok)
	}
	plain, stop := context.WithCancel(t.Context())
	stop()
	if _, ok := interrupted(plain); ok {
		t.Error("a plain cancel is no signal")
	}
}
