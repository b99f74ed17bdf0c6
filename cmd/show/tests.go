package show

import (
	"cmp"
	"fmt"
	"io"
	"time"

	"plimsoll.internal/libs/api"
)

// Tests prints one line per test.
func Tests(w io.Writer, l Lang, tests []api.TestSummary) error {
	t := Table{Columns: []Column{
		{Title: "ID"},
		{Title: l.Say("STATE", "状态")},
		{Title: l.Say("VERDICT", "结论")},
		{Title: l.Say("NAME", "名称")},
		{Title: l.Say("MODEL", "模型")},
		{Title: l.Say("ENGINE", "引擎")},
		{Title: l.Say("CONCURRENCY", "并发")},
		{Title: l.Say("LOOPS", "轮次"), Right: true},
		{Title: l.Say("CREATED", "创建时间")},
		{Title: l.Say("ARCHIVE", "归档")},
	}}
	for _, v := range tests {
		t.Add(v.Id, l.state(v.State), l.verdict(v.Verdict), v.Name, v.Model, v.Engine, v.Concurrency,
			fmt.Sprint(v.Loop), Moment(v.CreatedAt), place(l, v.Archived, v.Trashed, v.ArchivePath))
	}
	return t.Write(w)
}

func place(l Lang, archived, trashed bool, path *string) string {
	switch {
	case trashed:
		return l.Say("in the trash", "回收站")
	case archived:
		return cmp.Or(deref(path), l.Say("archived", "已归档"))
	}
	return ""
}

// Test prints everything about one test, the verdict first.
func Test(w io.Writer, l Lang, t api.Test) error {
	p := &printer{w: w}
	p.result(l, t)
	p.line(l.Say("Model", "模型"), fmt.Sprintf("%s · %s · %s/%s", t.Model, t.Engine, t.Mode, t.Generator))
	p.line(l.Say("Load", "负载"), fmt.Sprintf("%s %s · %s %d · %s %s → %s", l.Say("concurrency", "并发"), t.Concurrency,
		l.Say("loops", "轮次"), t.Loop, l.Say("tokens", "token"), t.InputLength, t.OutputLength))
	p.line(l.Say("Created", "创建"), Moment(t.CreatedAt)+" · "+t.CreatedBy)
	if t.FinishedAt != nil {
		p.line(l.Say("Took", "用时"), Span(t.FinishedAt.Sub(t.CreatedAt)))
	}
	if where := place(l, t.Archived, t.Trashed, t.ArchivePath); where != "" {
		p.line(l.Say("Kept", "存放"), where)
	}
	p.checks(l, t.Checks)
	p.rest(l, t)
	return p.err
}

// Result prints how one test ended: the verdict first, then the levels, then the files.
func Result(w io.Writer, l Lang, t api.Test) error {
	p := &printer{w: w}
	p.result(l, t)
	p.rest(l, t)
	return p.err
}

// printer keeps the first error, so that lines can be written one after the other.
type printer struct {
	w   io.Writer
	err error
}

func (p *printer) printf(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format, args...)
	}
}

func (p *printer) line(name, value string) {
	const places = 10
	p.printf("%s%*s%s\n", name, max(1, places-Width(name)), "", Clean(value))
}

func (p *printer) result(l Lang, t api.Test) {
	verdict := l.state(t.State)
	if v := l.verdict(t.Verdict); v != absent {
		verdict = v + " (" + verdict + ")"
	}
	if t.Reason != nil {
		verdict += ": " + l.Text(*t.Reason)
	}
	p.line(l.Say("Verdict", "结论"), verdict)
	title := t.Id
	if t.Name != "" {
		title += " · " + t.Name
	}
	p.line(l.Say("Test", "测试"), title)
	if f := t.Failure; f != nil {
		p.line(l.Say("Failed", "失败"), fmt.Sprintf("%s (%s, %s)", l.Text(f.Title), f.Stage, f.Class))
		p.line(l.Say("Why", "原因"), f.Message)
		p.line(l.Say("Fix", "处理"), l.Text(f.Advice))
	}
}

func (p *printer) checks(l Lang, checks []api.Check) {
	if len(checks) == 0 {
		return
	}
	t := Table{Columns: []Column{
		{Title: l.Say("CHECK", "检查")},
		{Title: l.Say("RESULT", "结果")},
		{Title: l.Say("TIME", "用时"), Right: true},
		{Title: l.Say("DETAIL", "详情")},
	}}
	for _, c := range checks {
		detail := c.Detail
		if c.Advice != nil {
			detail += " – " + l.Text(*c.Advice)
		}
		t.Add(c.Name, string(c.Status), Span(time.Duration(c.DurationMs*float64(time.Millisecond))), detail)
	}
	p.printf("\n")
	p.table(t)
}

func (p *printer) rest(l Lang, t api.Test) {
	if len(t.Levels) > 0 {
		p.printf("\n")
		if p.err == nil {
			p.err = Levels(p.w, l, t.Levels)
		}
	}
	for _, w := range t.Warnings {
		p.printf("%s %s\n", l.Say("warning:", "警告："), Clean(w))
	}
	if t.GeneratorInfo != nil {
		for _, f := range t.GeneratorInfo.Faults {
			p.printf("%s %s: %s\n", l.Say("known fault:", "已知缺陷："), Clean(f.Metric), Clean(l.Text(f.Text)))
		}
	}
	if len(t.Artifacts) == 0 {
		return
	}
	files := Table{Columns: []Column{{Title: l.Say("FILE", "文件")}, {Title: l.Say("SIZE", "大小"), Right: true}, {Title: "SHA-256"}}}
	for _, a := range t.Artifacts {
		files.Add(a.Name, Size(a.SizeBytes), a.Digest)
	}
	p.printf("\n")
	p.table(files)
}

func (p *printer) table(t Table) {
	if p.err == nil {
		p.err = t.Write(p.w)
	}
}
