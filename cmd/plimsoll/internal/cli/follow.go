package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"plimsoll.internal/libs/api"
)

// How a broken stream of events is taken up again, and when it is given up.
const (
	reconnectPause = time.Second
	giveUpAfter    = time.Minute
)

// follow hands over the live events of a test until its end, across restarts of the server. After is the
// sequence to continue from, "" for now on.
func (a *App) follow(ctx context.Context, client *api.ClientWithResponses, id, after string, handle func(message) error) error {
	var downSince time.Time
	for {
		ended := false
		err := a.followOnce(ctx, client, id, after, func(m message) error {
			downSince = time.Time{}
			after = place(m, after)
			ended = m.name == "end"
			return handle(m)
		})
		if err == nil && ended {
			return nil
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err != nil && !lost(err) {
			return err
		}
		if downSince.IsZero() {
			downSince = time.Now()
			a.Say("connection lost, trying again", "连接中断，正在重试")
		}
		if time.Since(downSince) > giveUpAfter {
			return err
		}
		select {
		case <-time.After(reconnectPause):
		case <-ctx.Done():
		}
	}
}

func (a *App) followOnce(ctx context.Context, client *api.ClientWithResponses, id, after string, handle func(message) error) error {
	params := &api.FollowTestParams{}
	if after != "" {
		params.LastEventID = &after
	}
	res, err := opened(client.FollowTest(ctx, id, params))
	if err != nil {
		return err
	}
	defer res.Body.Close() //nolint:errcheck // only read
	return readMessages(res.Body, func(m message) (bool, error) { return m.name != "end", handle(m) })
}

// place is where to continue after a message.
func place(m message, before string) string {
	if m.name == "snapshot" || m.name == "reset" {
		var t struct {
			Seq int64 `json:"seq"`
		}
		if json.Unmarshal([]byte(m.data), &t) == nil && t.Seq > 0 {
			return strconv.FormatInt(t.Seq, 10)
		}
	}
	if m.id != "" {
		return m.id
	}
	return before
}

func decode[T any](m message) (T, error) {
	var v T
	if err := json.Unmarshal([]byte(m.data), &v); err != nil {
		return v, fmt.Errorf("read event %s: %w", m.name, err)
	}
	return v, nil
}
