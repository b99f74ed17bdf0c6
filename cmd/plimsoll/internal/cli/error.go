package cli

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"plimsoll.internal/cmd/show"
	"plimsoll.internal/libs/api"
)

// Error ends a command with a code and words for people.
type Error struct {
	Code int
	What string // what happened
	Fix  string // what to do; may be empty
	Err  error  // the cause; may be nil
}

// Error says what happened and why.
func (e *Error) Error() string {
	if e.Err == nil {
		return e.What
	}
	if e.What == "" {
		return e.Err.Error()
	}
	return e.What + ": " + e.Err.Error()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Usage is the error of a command that was spelled wrong.
func (a *App) Usage(en, zh string, args ...any) error {
	return &Error{Code: ExitUsage, What: fmt.Sprintf(a.Lang.Say(en, zh), args...)}
}

// problem is a refusal of the server.
type problem struct{ api.Problem }

func (p *problem) Error() string { return p.Title }

// silent ends a command whose outcome is told already.
func silent(code int) error {
	if code == ExitOK {
		return nil
	}
	return &Error{Code: code}
}

// report prints an error: what happened, why, what to do, and the id to ask the operator about.
func report(w io.Writer, l show.Lang, err error) {
	var e *Error
	var p *problem
	line := func(name, text string) {
		if text = show.Clean(text); text != "" {
			_, _ = fmt.Fprintf(w, "%s%s\n", name, text)
		}
	}
	label := l.Say("error: ", "错误：")
	switch {
	case errors.As(err, &p):
		line(label, p.Title)
		if p.Detail != nil {
			line("  ", *p.Detail)
		}
		reportFaults(line, l, p.Problem)
		if p.Status == 401 {
			line(l.Say("  fix: ", "  处理："), l.Say("sign in with plimsoll login, or set PLIMSOLL_TOKEN", "请运行 plimsoll login 登录，或设置 PLIMSOLL_TOKEN"))
		}
		line(l.Say("  request id: ", "  请求编号："), p.RequestId)
	case errors.As(err, &e):
		line(label, e.Error())
		line(l.Say("  fix: ", "  处理："), e.Fix)
	case codeOfError(err) == ExitUnreachable:
		line(label, l.Say("the server does not answer: ", "服务器无响应：")+reason(err))
		line(l.Say("  fix: ", "  处理："), l.Say("start it with plimsoll up, or name it with --server or PLIMSOLL_SERVER",
			"请用 plimsoll up 启动，或用 --server、PLIMSOLL_SERVER 指定地址"))
	default:
		line(label, err.Error())
	}
}

func reportFaults(line func(name, text string), l show.Lang, p api.Problem) {
	if p.Errors == nil {
		return
	}
	for _, f := range *p.Errors {
		at := f.Pointer
		if at == "" {
			at = l.Say("document", "文档")
		}
		text := at + ": " + f.Detail
		if f.Fix != nil && *f.Fix != "" {
			text += l.Say("; ", "；") + *f.Fix
		}
		line("  ", text)
	}
}

// reason is the innermost part of a network error; the address is in it.
func reason(err error) string {
	text := err.Error()
	if i := strings.Index(text, `": `); i >= 0 {
		return text[i+3:]
	}
	return text
}
