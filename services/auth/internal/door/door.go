// Package door answers the four requests of the auth service: register, login, refresh, logout.
package door

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"time"

	"plimsoll.internal/libs/bus"
	"plimsoll.internal/libs/events"
	"plimsoll.internal/services/auth/internal/account"
	"plimsoll.internal/services/auth/internal/bootstrap"
	"plimsoll.internal/services/auth/internal/keys"
	"plimsoll.internal/services/auth/internal/password"
	"plimsoll.internal/services/auth/internal/session"
	"plimsoll.internal/services/auth/internal/throttle"
)

// The codes of a refusal; events.AuthError carries them.
const (
	codeCredentials = "invalid_credentials"
	codeBootstrap   = "bootstrap_token_invalid"
	codeClosed      = "registration_closed"
	codeTaken       = "name_taken"
	codeName        = "invalid_name"
	codePassword    = "weak_password"
	codeRefresh     = "refresh_invalid"
	codeThrottled   = "throttled"
)

// busyWaitS is after how many seconds somebody should come back when too many sign in at once.
const busyWaitS = 2

// Door lets people in. Its methods may be called concurrently.
type Door struct {
	Accounts  account.Accounts
	Sessions  session.Sessions
	Throttle  throttle.Throttle
	Bootstrap bootstrap.Token
	Hasher    *password.Hasher
	Signer    *keys.Signer
	Log       *slog.Logger
	Now       func() time.Time
}

// Endpoints are the subjects it answers on.
func (d Door) Endpoints() map[string]bus.Endpoint {
	return map[string]bus.Endpoint{
		events.SubjectAuthRegister: endpoint(d.register),
		events.SubjectAuthLogin:    endpoint(d.login),
		events.SubjectAuthRefresh:  endpoint(d.refresh),
		events.SubjectAuthLogout:   endpoint(d.logout),
	}
}

// endpoint decodes a request. Errors of the decoder could quote a password, so they are not passed on.
func endpoint[In any](handle func(context.Context, In) (events.Session, error)) bus.Endpoint {
	return func(ctx context.Context, data []byte) (any, error) {
		var in In
		if err := json.Unmarshal(data, &in); err != nil {
			return nil, errors.New("request of the auth service is not readable")
		}
		s, err := handle(ctx, in)
		if errors.Is(err, password.ErrBusy) {
			return nil, &events.AuthError{Code: codeThrottled, Message: "too many sign-ins at once", RetryAfterS: busyWaitS}
		}
		if err != nil {
			return nil, err
		}
		return s, nil
	}
}

func (d Door) login(ctx context.Context, in events.LoginRequest) (events.Session, error) {
	key := account.NameKey(in.Name)
	wait, err := d.Throttle.Try(ctx, key, in.RemoteIP, d.Now())
	if err != nil {
		return events.Session{}, err
	}
	if wait > 0 {
		d.Log.Warn("sign-in throttled", "remote_ip", in.RemoteIP, "retry_after_s", seconds(wait))
		return events.Session{}, &events.AuthError{
			Code: codeThrottled, Message: "too many failed sign-ins; wait before the next one", RetryAfterS: seconds(wait),
		}
	}
	u, hash, _, err := d.Accounts.Find(ctx, in.Name)
	if err != nil {
		return events.Session{}, err
	}
	ok, err := d.Hasher.Verify(ctx, in.Password, hash)
	if err != nil {
		return events.Session{}, err
	}
	if !ok {
		d.Log.Warn("sign-in refused", "remote_ip", in.RemoteIP)
		return events.Session{}, &events.AuthError{Code: codeCredentials, Message: "name or password is wrong"}
	}
	if err := d.Throttle.Succeeded(ctx, key, in.RemoteIP); err != nil {
		return events.Session{}, err
	}
	d.Log.Info("signed in", "user_id", u.ID, "remote_ip", in.RemoteIP)
	return d.admit(ctx, u)
}

func (d Door) refresh(ctx context.Context, in events.RefreshRequest) (events.Session, error) {
	now := d.Now()
	token, u, err := d.Sessions.Refresh(ctx, in.RefreshToken, now)
	if errors.Is(err, session.ErrInvalid) {
		return events.Session{}, &events.AuthError{Code: codeRefresh, Message: "the session is over; sign in again"}
	}
	if err != nil {
		return events.Session{}, err
	}
	return d.session(u, token, now)
}

func (d Door) logout(ctx context.Context, in events.RefreshRequest) (events.Session, error) {
	return events.Session{}, d.Sessions.End(ctx, in.RefreshToken)
}

// admit starts a session.
func (d Door) admit(ctx context.Context, u events.User) (events.Session, error) {
	now := d.Now()
	token, err := d.Sessions.Start(ctx, u.ID, now)
	if err != nil {
		return events.Session{}, err
	}
	return d.session(u, token, now)
}

func (d Door) session(u events.User, refresh session.Token, now time.Time) (events.Session, error) {
	access, expires, err := d.Signer.Access(u, now)
	if err != nil {
		return events.Session{}, err
	}
	return events.Session{
		User: u, AccessToken: access, AccessExpires: expires,
		RefreshToken: refresh.Text, RefreshExpires: refresh.Expires,
	}, nil
}

func seconds(d time.Duration) int { return int((d + time.Second - 1) / time.Second) }
