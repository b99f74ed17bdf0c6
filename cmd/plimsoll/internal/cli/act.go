package cli

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"plimsoll.internal/cmd/show"
	"plimsoll.internal/libs/api"
)

// outcome is what became of a wish about one test.
type outcome struct {
	ID      string       `json:"id"`
	Status  int          `json:"status"` // of HTTP
	Place   string       `json:"archive_path,omitempty"`
	Problem *api.Problem `json:"problem,omitempty"`
}

func (a *App) cancel() Command {
	return a.each("cancel ID...", a.Lang.Say("Stop tests", "取消测试"), a.Lang.Say("asked to stop", "已请求取消"),
		func(ctx context.Context, client *api.ClientWithResponses, id string) error {
			_, err := a.cancelTest(ctx, client, id)
			return err
		})
}

func (a *App) cancelTest(ctx context.Context, client *api.ClientWithResponses, id string) (api.Test, error) {
	res, err := client.CancelTestWithResponse(ctx, id)
	if err != nil {
		return api.Test{}, err
	}
	return answered(res.JSON202, res.HTTPResponse, res.Body)
}

func (a *App) restore() Command {
	return a.each("restore ID...", a.Lang.Say("Bring tests back from the trash, else from the archive", "从回收站恢复测试，否则从归档恢复"),
		a.Lang.Say("asked to restore", "已请求恢复"), restoreTest)
}

func restoreTest(ctx context.Context, client *api.ClientWithResponses, id string) error {
	res, err := client.RestoreTestWithResponse(ctx, id)
	if err != nil {
		return err
	}
	return refused(res.HTTPResponse, res.Body)
}

func (a *App) remove() Command {
	var purge, yes bool
	l := a.Lang
	c := a.each("delete ID...", l.Say("Move tests into the trash, with --purge delete them for good", "将测试移入回收站；--purge 则永久删除"), l.Say("deleted", "已删除"),
		func(ctx context.Context, client *api.ClientWithResponses, id string) error {
			res, err := client.DeleteTestWithResponse(ctx, id, &api.DeleteTestParams{Purge: &purge})
			if err != nil {
				return err
			}
			return refused(res.HTTPResponse, res.Body)
		})
	c.Flags().BoolVar(&purge, "purge", false, l.Say("for good, with every file", "永久删除，包括所有文件"))
	c.Flags().BoolVarP(&yes, "yes", "y", false, l.Say("do not ask", "不询问"))
	act := c.RunE
	c.RunE = func(cmd *cobra.Command, args []string) error {
		if purge && !yes {
			if err := a.confirm(len(args)); err != nil {
				return err
			}
		}
		return act(cmd, args)
	}
	return c
}

func (a *App) confirm(n int) error {
	if !a.asks() {
		return a.Usage("--purge cannot be undone: add --yes", "--purge 无法撤销：请加上 --yes")
	}
	answer, err := a.ask(fmt.Sprintf(a.Lang.Say("Delete %d tests with all their files for good? Type yes: ", "永久删除 %d 个测试及其所有文件？输入 yes 确认："), n))
	if err != nil {
		return err
	}
	if answer != "yes" {
		return a.Usage("nothing was deleted", "未删除任何内容")
	}
	return nil
}

// each makes a command that does one thing with every id and goes on after a refusal.
func (a *App) each(use, short, done string, act func(context.Context, *api.ClientWithResponses, string) error) Command {
	return &cobra.Command{
		Use: use, Short: short, Args: a.args(1, -1, "ID"),
		RunE: func(cmd *cobra.Command, ids []string) error {
			client, err := a.client()
			if err != nil {
				return err
			}
			var outcomes []outcome
			var first error
			for _, id := range ids {
				err := act(cmd.Context(), client, id)
				o := outcome{ID: id, Status: http.StatusOK}
				if err != nil {
					p, is := asProblem(err)
					if !is {
						return err
					}
					o.Status, o.Problem = p.Status, p
					first = orFirst(first, err)
				}
				outcomes = append(outcomes, o)
			}
			return a.tellOutcomes(outcomes, done, first)
		},
	}
}

// tellOutcomes prints one line per test and ends with the code of the first refusal.
func (a *App) tellOutcomes(list []outcome, done string, first error) error {
	if a.json {
		if err := a.PrintJSON(list); err != nil {
			return err
		}
		return silent(codeOfError(first))
	}
	for _, o := range list {
		if o.Problem != nil {
			report(a.Err, a.Lang, &problem{*o.Problem})
			_, _ = fmt.Fprintf(a.Err, "  %s%s\n", a.Lang.Say("test: ", "测试："), show.Clean(o.ID))
			continue
		}
		text := o.ID + "  " + done
		if o.Place != "" {
			text += "  " + o.Place
		}
		if _, err := fmt.Fprintln(a.Out, show.Clean(text)); err != nil {
			return err
		}
	}
	return silent(codeOfError(first))
}

func (a *App) archive() Command {
	var wait time.Duration
	c := &cobra.Command{
		Use:     "archive ID...",
		Short:   a.Lang.Say("Move reports into the archive", "将报告移入归档"),
		Example: "  plimsoll tests archive ID --wait 30s",
		Args:    a.args(1, -1, "ID"),
	}
	c.Flags().DurationVar(&wait, "wait", 0, a.Lang.Say("wait this long for the archive path", "等待归档路径的时长"))
	c.RunE = func(cmd *cobra.Command, ids []string) error {
		client, err := a.client()
		if err != nil {
			return err
		}
		res, err := client.ArchiveTestsWithResponse(cmd.Context(), api.ArchiveTestsJSONRequestBody{Ids: ids})
		if err != nil {
			return err
		}
		bulk, err := answered(res.JSON200, res.HTTPResponse, res.Body)
		if err != nil {
			return err
		}
		return a.archived(cmd.Context(), client, bulk, wait)
	}
	return c
}

func (a *App) archived(ctx context.Context, client *api.ClientWithResponses, bulk api.BulkResult, wait time.Duration) error {
	outcomes := []outcome{}
	done, until := a.Lang.Say("asked to archive", "已请求归档"), time.Now().Add(wait)
	var first error
	for _, r := range bulk.Results {
		o := outcome{ID: r.Id, Status: r.Status, Problem: r.Problem}
		if r.Problem != nil {
			first = orFirst(first, &problem{*r.Problem})
		} else if wait > 0 {
			t, err := settled(ctx, client, r.Id, until)
			if err != nil {
				return err
			}
			if t.ArchivePath == nil || !t.Archived {
				return a.notArchived(t)
			}
			o.Place, done = *t.ArchivePath, a.Lang.Say("archived", "已归档")
		}
		outcomes = append(outcomes, o)
	}
	return a.tellOutcomes(outcomes, done, first)
}

func (a *App) notArchived(t api.Test) error {
	if f := t.Failure; f != nil && f.Stage == "archiver" {
		return &Error{Code: ExitUnexpected, What: a.Lang.Text(f.Title) + ": " + f.Message, Fix: a.Lang.Text(f.Advice)}
	}
	return &Error{Code: ExitUnexpected, What: a.Lang.Say("not archived in time: ", "未在时限内归档：") + t.Id, Fix: "plimsoll trace " + t.Id}
}

// settled asks until a test is in the archive, its archiving has failed, or the time is over.
func settled(ctx context.Context, client *api.ClientWithResponses, id string, until time.Time) (api.Test, error) {
	const pause = 200 * time.Millisecond
	for {
		t, err := fetch(ctx, client, id)
		stopped := t.Failure != nil && t.Failure.Stage == "archiver"
		if err != nil || t.Archived || stopped || time.Now().After(until) {
			return t, err
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return t, context.Cause(ctx)
		}
	}
}

func asProblem(err error) (*api.Problem, bool) {
	p, ok := err.(*problem) //nolint:errorlint // made by refused, never wrapped
	if !ok {
		return nil, false
	}
	return &p.Problem, true
}

func orFirst(first, err error) error {
	if first != nil {
		return first
	}
	return err
}
