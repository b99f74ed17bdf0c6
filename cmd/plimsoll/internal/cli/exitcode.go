package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"syscall"

	"plimsoll.internal/cmd/show"
	"plimsoll.internal/libs/api"
)

// The exit codes. Scripts depend on them: a code never changes its meaning.
const (
	ExitOK           = 0
	ExitUnexpected   = 1
	ExitUsage        = 2
	ExitDenied       = 3
	ExitNotFound     = 4
	ExitUnreachable  = 5
	ExitConflict     = 6
	ExitTestFailed   = 10
	ExitSLOFailed    = 11
	ExitRegression   = 12
	ExitInconclusive = 13
	ExitCancelled    = 14
	ExitInterrupted  = 130
	ExitTerminated   = 143
)

// exitCodes explains each code.
var exitCodes = []struct {
	code   int
	en, zh string
}{
	{ExitOK, "everything went well", "一切正常"},
	{ExitUnexpected, "something unexpected went wrong", "发生意外错误"},
	{ExitUsage, "the command or the document is wrong", "命令或文档有误"},
	{ExitDenied, "not signed in, or not allowed", "未登录或无权限"},
	{ExitNotFound, "there is no such test or file", "找不到该测试或文件"},
	{ExitUnreachable, "the server does not answer, or is overloaded", "服务器无响应或过载"},
	{ExitConflict, "not possible in this state, or it exists already", "当前状态下无法执行，或对象已存在"},
	{ExitTestFailed, "the test failed", "测试失败"},
	{ExitSLOFailed, "the test ran and missed its objectives (SLO)", "测试完成，但未达到目标 (SLO)"},
	{ExitRegression, "reserved: a comparison found a regression", "保留：对比发现性能退化"},
	{ExitInconclusive, "the test ran and its objectives cannot be judged", "测试完成，但无法判定是否达标"},
	{ExitCancelled, "the test was cancelled, or the wait for it ran out", "测试已取消，或等待超时"},
	{ExitInterrupted, "interrupted (Ctrl-C)", "被中断 (Ctrl-C)"},
	{ExitTerminated, "terminated", "被终止"},
}

// exitTable is the text of `help exit-codes`.
func exitTable(l show.Lang) string {
	var b strings.Builder
	for _, e := range exitCodes {
		fmt.Fprintf(&b, "%4d  %s\n", e.code, l.Say(e.en, e.zh))
	}
	return b.String()
}

// codeOfError is the exit code of a command that ended with err.
func codeOfError(err error) int {
	var e *Error
	var p *problem
	var s signalled
	var u *url.Error
	var n *net.OpError
	switch {
	case err == nil:
		return ExitOK
	case errors.As(err, &e):
		return e.Code
	case errors.As(err, &s):
		return s.code()
	case errors.As(err, &p):
		return codeOfStatus(p.Status)
	case errors.As(err, &u), errors.As(err, &n):
		return ExitUnreachable
	}
	return ExitUnexpected
}

// codeOfStatus is the exit code of an answer of the server.
func codeOfStatus(status int) int {
	switch status {
	case http.StatusBadRequest, http.StatusUnprocessableEntity, http.StatusRequestEntityTooLarge,
		http.StatusUnsupportedMediaType:
		return ExitUsage
	case http.StatusUnauthorized, http.StatusForbidden:
		return ExitDenied
	case http.StatusNotFound, http.StatusGone:
		return ExitNotFound
	case http.StatusConflict, http.StatusPreconditionFailed:
		return ExitConflict
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return ExitUnreachable
	}
	return ExitUnexpected
}

// codeOfTest is the exit code of a finished test.
func codeOfTest(t api.Test) int {
	switch {
	case t.State == "cancelled":
		return ExitCancelled
	case t.State != "succeeded":
		return ExitTestFailed
	case t.Verdict == "fail":
		return ExitSLOFailed
	case t.Verdict == "inconclusive":
		return ExitInconclusive
	}
	return ExitOK
}

// signalled is the cause of a context that a signal ended.
type signalled struct{ signal os.Signal }

func (s signalled) Error() string { return s.signal.String() }

func (s signalled) code() int {
	if s.signal == syscall.SIGTERM {
		return ExitTerminated
	}
	return ExitInterrupted
}

// interrupted returns the signal that ended the context, if one did.
func interrupted(ctx context.Context) (signalled, bool) {
	var s signalled
	ok := errors.As(context.Cause(ctx), &s)
	return s, ok
}
