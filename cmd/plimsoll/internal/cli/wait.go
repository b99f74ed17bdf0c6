package cli

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"plimsoll.internal/cmd/show"
	"plimsoll.internal/libs/api"
)

// cancelWithin bounds how long the wish to cancel may take to reach the server.
const cancelWithin = 10 * time.Second

var errTimeout = errors.New("the wait ran out")

// patience is how a person waits for a test.
type patience struct {
	timeout time.Duration // 0 for no end
	detach  bool
}

func (p *patience) flags(a *App, c Command) {
	c.Flags().DurationVar(&p.timeout, "timeout", 0, a.Lang.Say("give up waiting after this long; the test goes on", "等待超过此时长后放弃，测试继续运行"))
	c.Flags().BoolVar(&p.detach, "detach", false, a.Lang.Say("Ctrl-C leaves the test running", "Ctrl-C 不取消测试"))
}

func (a *App) wait() Command {
	var p patience
	c := &cobra.Command{
		Use:     "wait ID",
		Short:   a.Lang.Say("Follow a test to its end", "等待测试结束"),
		Example: "  plimsoll tests wait ID --timeout 30m --json",
		Args:    a.args(1, 1, "ID"),
	}
	p.flags(a, c)
	c.RunE = func(cmd *cobra.Command, args []string) error {
		client, err := a.client()
		if err != nil {
			return err
		}
		return a.waitFor(cmd.Context(), client, args[0], p)
	}
	return c
}

// waitFor shows progress until the test has ended, then its result, and ends with the code of it. The
// first Ctrl-C cancels the test and still waits for what there is.
func (a *App) waitFor(ctx context.Context, client *api.ClientWithResponses, id string, p patience) error {
	until := ctx
	if p.timeout > 0 {
		var stop context.CancelFunc
		until, stop = context.WithTimeoutCause(ctx, p.timeout, errTimeout)
		defer stop()
	}
	t, err := a.watch(until, client, id)
	if errors.Is(err, errTimeout) {
		return &Error{
			Code: ExitCancelled, What: a.Lang.Say("the wait ran out; the test goes on", "等待超时；测试仍在运行"),
			Fix: "plimsoll tests wait " + id,
		}
	}
	if _, yes := interrupted(ctx); yes && err != nil {
		if p.detach {
			a.Say("left running; follow it again with: plimsoll tests wait %s", "测试继续运行；再次跟踪：plimsoll tests wait %s", id)
			return err
		}
		t, err = a.cancelAndWatch(context.WithoutCancel(ctx), client, id)
	}
	if err != nil {
		return err
	}
	if a.json {
		err = a.PrintJSON(t)
	} else {
		err = show.Result(a.Out, a.Lang, t)
	}
	if err != nil {
		return err
	}
	return silent(codeOfTest(t))
}

func (a *App) cancelAndWatch(ctx context.Context, client *api.ClientWithResponses, id string) (api.Test, error) {
	a.Say("cancelling the test; Ctrl-C again leaves at once", "正在取消测试；再按一次 Ctrl-C 立即退出")
	ask, stop := context.WithTimeout(ctx, cancelWithin)
	defer stop()
	if _, err := a.cancelTest(ask, client, id); err != nil && codeOfError(err) != ExitConflict {
		return api.Test{}, err
	}
	return a.watch(ctx, client, id)
}

// watch draws progress until the end of a test and returns the test as it is then.
func (a *App) watch(ctx context.Context, client *api.ClientWithResponses, id string) (api.Test, error) {
	var last api.Test
	bar := a.progress()
	defer bar.Clear()
	err := a.follow(ctx, client, id, "", func(m message) error {
		switch m.name {
		case "snapshot", "reset", "end":
			t, err := decode[api.Test](m)
			if err != nil {
				return err
			}
			last = t
			bar.State(t.State)
		case "event":
			e, err := decode[api.TestEvent](m)
			if err != nil {
				return err
			}
			bar.State(e.State)
		case "progress":
			p, err := decode[api.Progress](m)
			if err != nil {
				return err
			}
			bar.Update(p)
		}
		return nil
	})
	return last, err
}
