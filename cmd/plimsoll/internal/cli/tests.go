package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"plimsoll.internal/cmd/show"
	"plimsoll.internal/libs/api"
)

func (a *App) tests() Command {
	c := &cobra.Command{
		Use:   "tests",
		Short: a.Lang.Say("Ask for tests and work with their results", "提交测试并处理结果"),
	}
	c.AddCommand(a.run(), a.list(), a.get(), a.wait(), a.cancel(), a.archive(), a.restore(), a.remove(), a.download(), a.events())
	return c
}

// filter is what `tests list` asks for.
type filter struct {
	states            []string
	model, engine     string
	since, until      string
	archived, trashed bool
	limit             int
}

func (a *App) list() Command {
	var f filter
	l := a.Lang
	c := &cobra.Command{
		Use:   "list",
		Short: l.Say("History, newest first", "历史记录，最新的在前"),
		Example: `  plimsoll tests list --state succeeded --since 24h
  plimsoll tests list --json --limit 0`,
		Args: a.args(0, 0, ""),
	}
	flags := c.Flags()
	flags.StringArrayVar(&f.states, "state", nil, l.Say("only in this state; may be repeated", "只列出此状态；可重复"))
	flags.StringVar(&f.model, "model", "", l.Say("only this model", "只列出此模型"))
	flags.StringVar(&f.engine, "engine", "", l.Say("only this engine", "只列出此引擎"))
	flags.StringVar(&f.since, "since", "", l.Say("from this time or age on: 2026-11-23T10:00:00Z or 24h", "起始时间或时长：2026-11-23T10:00:00Z 或 24h"))
	flags.StringVar(&f.until, "until", "", l.Say("before this time or age", "截止时间或时长"))
	flags.BoolVar(&f.archived, "archived", false, l.Say("only archived ones, with =false only others", "只列出已归档的；=false 则相反"))
	flags.BoolVar(&f.trashed, "trashed", false, l.Say("the trash instead", "列出回收站"))
	flags.IntVar(&f.limit, "limit", 50, l.Say("how many; 0 is all", "条数；0 表示全部"))
	c.RunE = func(cmd *cobra.Command, _ []string) error {
		params, err := a.listParams(f, cmd.Flags().Changed("archived"))
		if err != nil {
			return err
		}
		client, err := a.client()
		if err != nil {
			return err
		}
		tests, err := allPages(cmd.Context(), client, params, f.limit)
		if err != nil {
			return err
		}
		if a.json {
			return a.PrintJSON(tests)
		}
		if len(tests) == 0 {
			a.Say("no test matches", "没有符合条件的测试")
			return nil
		}
		return show.Tests(a.Out, l, tests)
	}
	return c
}

func (a *App) listParams(f filter, archivedAsked bool) (api.ListTestsParams, error) {
	var p api.ListTestsParams
	var states []api.State
	for _, s := range f.states {
		for part := range strings.SplitSeq(s, ",") {
			states = append(states, api.State(part))
		}
	}
	if len(states) > 0 {
		p.State = &states
	}
	for text, to := range map[*string]**string{&f.model: &p.Model, &f.engine: &p.Engine} {
		if *text != "" {
			*to = text
		}
	}
	for flag, bound := range map[string]struct {
		text string
		to   **time.Time
	}{"--since": {f.since, &p.Since}, "--until": {f.until, &p.Until}} {
		at, err := moment(bound.text, time.Now())
		if err != nil {
			return p, a.Usage("%s must be a time like 2026-11-23T10:00:00Z or an age like 24h", "%s 应为时间（2026-11-23T10:00:00Z）或时长（24h）", flag)
		}
		*bound.to = at
	}
	if archivedAsked {
		p.Archived = &f.archived
	}
	if f.trashed {
		p.Trashed = &f.trashed
	}
	if f.limit < 0 {
		return p, a.Usage("--limit must be 0 or more", "--limit 不能为负数")
	}
	return p, nil
}

// moment reads a time, or an age before now.
func moment(text string, now time.Time) (*time.Time, error) {
	if text == "" {
		return nil, nil
	}
	if age, err := time.ParseDuration(text); err == nil {
		at := now.Add(-age).UTC()
		return &at, nil
	}
	for _, form := range []string{time.RFC3339, time.DateOnly} {
		if at, err := time.ParseInLocation(form, text, time.Local); err == nil {
			return &at, nil
		}
	}
	return nil, fmt.Errorf("%q is no time", text)
}

// allPages reads up to limit tests, all of them with 0. It never returns nil: an empty list is [].
func allPages(ctx context.Context, client *api.ClientWithResponses, p api.ListTestsParams, limit int) ([]api.TestSummary, error) {
	const page = 200
	tests := []api.TestSummary{}
	for {
		n := page
		if limit > 0 {
			n = min(page, limit-len(tests))
		}
		p.Limit = &n
		res, err := client.ListTestsWithResponse(ctx, &p)
		if err != nil {
			return nil, err
		}
		got, err := answered(res.JSON200, res.HTTPResponse, res.Body)
		if err != nil {
			return nil, err
		}
		tests = append(tests, got.Items...)
		if got.NextCursor == nil || *got.NextCursor == "" || limit > 0 && len(tests) >= limit {
			return tests, nil
		}
		p.Cursor = got.NextCursor
	}
}

func (a *App) get() Command {
	return &cobra.Command{
		Use:   "get ID",
		Short: a.Lang.Say("Everything about one test", "查看一个测试的全部信息"),
		Args:  a.args(1, 1, "ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			client, err := a.client()
			if err != nil {
				return err
			}
			t, err := fetch(cmd.Context(), client, args[0])
			if err != nil {
				return err
			}
			if a.json {
				return a.PrintJSON(t)
			}
			return show.Test(a.Out, a.Lang, t)
		},
	}
}

func fetch(ctx context.Context, client *api.ClientWithResponses, id string) (api.Test, error) {
	res, err := client.GetTestWithResponse(ctx, id, &api.GetTestParams{})
	if err != nil {
		return api.Test{}, err
	}
	return answered(res.JSON200, res.HTTPResponse, res.Body)
}
