package cli

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"plimsoll.internal/cmd/show"
	"plimsoll.internal/libs/api"
)

func (a *App) events() Command {
	var after string
	c := &cobra.Command{
		Use:   "events ID",
		Short: a.Lang.Say("Live events of a test until its end; with --json one object per line", "实时显示测试事件直至结束；--json 时每行一个对象"),
		Example: `  plimsoll tests events ID
  plimsoll tests events ID --after 120 --json`,
		Args: a.args(1, 1, "ID"),
	}
	c.Flags().StringVar(&after, "after", "", a.Lang.Say("continue after this sequence", "从此序号之后继续"))
	c.RunE = func(cmd *cobra.Command, args []string) error {
		client, err := a.client()
		if err != nil {
			return err
		}
		handle := a.printMessage
		if !a.json {
			bar := a.progress()
			defer bar.Clear()
			handle = a.tellMessages(bar)
		}
		return a.follow(cmd.Context(), client, args[0], after, handle)
	}
	return c
}

// tellMessages writes a line per event and draws progress between them.
func (a *App) tellMessages(bar *show.Progress) func(message) error {
	var last time.Time
	return func(m message) error {
		switch m.name {
		case "event":
			e, err := decode[api.TestEvent](m)
			if err != nil {
				return err
			}
			var gap time.Duration
			if !last.IsZero() {
				gap = e.Time.Sub(last)
			}
			last = e.Time
			bar.Clear()
			return show.Event(a.Out, a.Lang, e, gap)
		case "progress":
			p, err := decode[api.Progress](m)
			if err != nil {
				return err
			}
			bar.Update(p)
		}
		return nil
	}
}

// printMessage writes one message as one line of JSON.
func (a *App) printMessage(m message) error {
	line, err := json.Marshal(struct {
		Event string          `json:"event"`
		ID    string          `json:"id,omitempty"`
		Data  json.RawMessage `json:"data"`
	}{m.name, m.id, json.RawMessage(m.data)})
	if err != nil {
		return fmt.Errorf("read event %s: %w", m.name, err)
	}
	_, err = fmt.Fprintf(a.Out, "%s\n", line)
	return err
}

func (a *App) trace() Command {
	return &cobra.Command{
		Use:   "trace ID",
		Short: a.Lang.Say("Every event of a test in order, with the time between", "按顺序列出测试的全部事件及间隔"),
		Args:  a.args(1, 1, "ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			client, err := a.client()
			if err != nil {
				return err
			}
			res, err := client.TraceTestWithResponse(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			got, err := answered(res.JSON200, res.HTTPResponse, res.Body)
			if err != nil {
				return err
			}
			if a.json {
				return a.PrintJSON(append([]api.TestEvent{}, got.Events...))
			}
			return show.Events(a.Out, a.Lang, got.Events)
		},
	}
}
