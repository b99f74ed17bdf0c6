package show

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"time"

	"plimsoll.internal/libs/api"
	"plimsoll.internal/libs/events"
)

// Events prints the events of one test in stream order with the time between them.
func Events(w io.Writer, l Lang, list []api.TestEvent) error {
	t := Table{Columns: []Column{
		{Title: "SEQ", Right: true},
		{Title: l.Say("AT", "时刻"), Right: true},
		{Title: l.Say("AFTER", "间隔"), Right: true},
		{Title: l.Say("EVENT", "事件")},
		{Title: l.Say("STATE", "状态")},
		{Title: l.Say("FROM", "来源")},
		{Title: l.Say("DETAIL", "详情")},
	}}
	for i, e := range list {
		t.Add(strconv.FormatInt(e.Seq, 10), "+"+Span(e.Time.Sub(list[0].Time)), Span(between(list, i)),
			e.Kind, l.state(e.State), e.Source, detail(e))
	}
	return t.Write(w)
}

// Event prints one event as it comes; after is the time since the one before.
func Event(w io.Writer, l Lang, e api.TestEvent, after time.Duration) error {
	line := fmt.Sprintf("%d  +%s  %s  %s  %s  %s", e.Seq, Span(after), e.Kind, l.state(e.State), e.Source, detail(e))
	_, err := fmt.Fprintln(w, Clean(line))
	return err
}

func between(list []api.TestEvent, i int) time.Duration {
	if i == 0 {
		return 0
	}
	return list[i].Time.Sub(list[i-1].Time)
}

// detail is what matters of an event in a few words; nothing for kinds it does not know.
func detail(e api.TestEvent) string {
	says, ok := details[events.Kind(e.Kind)]
	if !ok {
		return ""
	}
	return says(e.Data)
}

// details holds the words for each kind of event; it never changes.
var details = map[events.Kind]func(json.RawMessage) string{
	events.KindRequested: words(func(p events.Requested) string { return p.Spec.Model + " · " + p.By.Name }),
	events.KindPreflight: words(func(p events.Preflight) string {
		n := map[events.CheckStatus]int{}
		for _, c := range p.Checks {
			n[c.Status]++
		}
		return fmt.Sprintf("%d ok, %d warning, %d failed", n[events.CheckOK], n[events.CheckWarning], n[events.CheckFailed])
	}),
	events.KindPlanned:  words(func(p events.Planned) string { return p.Reason }),
	events.KindRejected: words(func(p events.Rejected) string { return string(p.Class) + ": " + p.Message }),
	events.KindClaimed:  words(func(p events.Claimed) string { return fmt.Sprintf("%s, attempt %d", p.Holder, p.Attempt) }),
	events.KindLevelDone: words(func(p events.LevelDone) string {
		s := p.Summary
		return fmt.Sprintf("level %d loop %d: %d ok, %d failed", s.Level+1, s.Loop+1, s.Requests.OK, s.Requests.Failed)
	}),
	events.KindMeasured: words(func(p events.Measured) string {
		return fmt.Sprintf("%s %s, %d loops of levels", p.Generator.Name, p.Generator.Version, p.Loops)
	}),
	events.KindReported: words(func(p events.Reported) string {
		return fmt.Sprintf("verdict %s, %d files", p.Verdict, len(p.Artifacts))
	}),
	events.KindArchived:  words(func(p events.Archived) string { return p.Path }),
	events.KindRestored:  words(func(p events.Restored) string { return "from " + p.From }),
	events.KindDeleted:   words(func(p events.Deleted) string { return map[bool]string{true: "purged", false: "to the trash"}[p.Purged] }),
	events.KindCancelled: words(func(p events.Cancelled) string { return p.Proof }),
	events.KindFailed:    words(func(p events.Failed) string { return p.Stage + " · " + string(p.Class) + ": " + p.Message }),
}

func words[T any](say func(T) string) func(json.RawMessage) string {
	return func(data json.RawMessage) string {
		var p T
		if json.Unmarshal(data, &p) != nil {
			return ""
		}
		return say(p)
	}
}
