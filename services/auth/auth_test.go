package auth_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"plimsoll.internal/libs/events"
	"plimsoll.internal/services/auth"
)

func decode[T any](t *testing.T, data []byte) T {
	t.Helper()
	var v T
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// TestOneAccount tells the life of the first account: made with the token, signed in, refreshed, robbed,
// signed out.
func TestOneAccount(t *testing.T) {
	onBoth(t, func(w *world) {
		t := w.t
		w.start(w.data)
		tokenFile := filepath.Join(w.data, auth.BootstrapTokenFile)
		for _, name := range []string{auth.BootstrapTokenFile, auth.SigningKeyFile} {
			info, err := os.Stat(filepath.Join(w.data, name))
			if err != nil || info.Mode().Perm() != 0o600 {
				t.Fatalf("%s: %v, %v; want mode 0600", name, info, err)
			}
		}
		first := w.registerFirst()
		if first.User.Role != "admin" || first.User.Name != captain {
			t.Errorf("first user is %+v, want admin captain", first.User)
		}
		if _, err := os.Stat(tokenFile); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("bootstrap token file after use: %v, want gone", err)
		}
		s := w.want(events.SubjectAuthLogin, login(password), "")
		claims := w.verify(s.AccessToken)
		if claims["sub"] != first.User.ID || claims["name"] != captain || claims["role"] != "admin" || claims["jti"] == "" {
			t.Errorf("claims %v, want those of %+v", claims, first.User)
		}
		if life := time.Until(s.AccessExpires); life < 9*time.Minute || life > 10*time.Minute {
			t.Errorf("access token lives %v, want 10 min", life)
		}
		next := w.want(events.SubjectAuthRefresh, events.RefreshRequest{RefreshToken: s.RefreshToken}, "")
		w.verify(next.AccessToken)
		w.want(events.SubjectAuthRefresh, events.RefreshRequest{RefreshToken: s.RefreshToken}, "refresh_invalid")
		w.want(events.SubjectAuthRefresh, events.RefreshRequest{RefreshToken: next.RefreshToken}, "refresh_invalid") // the theft ended the session

		other := w.want(events.SubjectAuthRefresh, events.RefreshRequest{RefreshToken: first.RefreshToken}, "") // not the other one
		w.want(events.SubjectAuthLogout, events.RefreshRequest{RefreshToken: other.RefreshToken}, "")
		w.want(events.SubjectAuthLogout, events.RefreshRequest{RefreshToken: other.RefreshToken}, "")
		w.want(events.SubjectAuthRefresh, events.RefreshRequest{RefreshToken: other.RefreshToken}, "refresh_invalid")
	})
}

func TestRegisterRefusals(t *testing.T) {
	w := newWorld(t, "")
	w.start(w.data)
	token := w.bootstrapToken()
	tests := []struct {
		name string
		in   events.RegisterRequest
		want string
	}{
		{"no token", events.RegisterRequest{Name: captain, Password: password}, "bootstrap_token_invalid"},
		{"wrong token", events.RegisterRequest{Name: captain, Password: password, BootstrapToken: token + "A"}, "bootstrap_token_invalid"},
		{"somebody who is nobody", events.RegisterRequest{Name: captain, Password: password, By: events.Actor{UserID: "nobody"}}, "registration_closed"},
		{"empty name", events.RegisterRequest{Password: password, BootstrapToken: token}, "invalid_name"},
		{"name of spaces", events.RegisterRequest{Name: " \t ", Password: password, BootstrapToken: token}, "invalid_name"},
		{"line break in name", events.RegisterRequest{Name: "a\nb", Password: password, BootstrapToken: token}, "invalid_name"},
		{"invisible name", events.RegisterRequest{Name: "a\u200bb", Password: password, BootstrapToken: token}, "invalid_name"},
		{"long name", events.RegisterRequest{Name: strings.Repeat("x", 65), Password: password, BootstrapToken: token}, "invalid_name"},
		{"short password", events.RegisterRequest{Name: captain, Password: "short", BootstrapToken: token}, "weak_password"},
		{"long password", events.RegisterRequest{Name: captain, Password: strings.Repeat("ab", 200), BootstrapToken: token}, "weak_password"},
		{"common password", events.RegisterRequest{Name: captain, Password: "Password123", BootstrapToken: token}, "weak_password"},
		{"password is the name", events.RegisterRequest{Name: "captain-ahab", Password: "Captain-Ahab", BootstrapToken: token}, "weak_password"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := w.ask(events.SubjectAuthRegister, tt.in); codeOf(err) != tt.want {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
	w.registerFirst()
	w.want(events.SubjectAuthRegister, events.RegisterRequest{Name: "other", Password: password, BootstrapToken: token}, "registration_closed")
	if _, err := w.ask(events.SubjectAuthLogin, "not an object"); codeOf(err) == "" {
		t.Error("a request that is no object was answered")
	}
}

func TestAdminMakesAccounts(t *testing.T) {
	onBoth(t, func(w *world) {
		w.start(w.data)
		admin := w.registerFirst().User
		by := func(u events.User, name string) events.RegisterRequest {
			return events.RegisterRequest{Name: name, Password: password, By: events.Actor{UserID: u.ID, Name: u.Name}}
		}
		mate := w.want(events.SubjectAuthRegister, by(admin, "Größe"), "").User
		if mate.Role != "member" {
			w.t.Errorf("second user is %+v, want a member", mate)
		}
		w.want(events.SubjectAuthRegister, by(admin, "GRO\u0308SSE"), "name_taken") // other case, other spelling of ö
		w.want(events.SubjectAuthRegister, by(mate, "third"), "registration_closed")
		w.want(events.SubjectAuthLogin, events.LoginRequest{Name: "grösse", Password: password}, "")
	})
}

func TestLoginIsThrottled(t *testing.T) {
	onBoth(t, func(w *world) {
		w.start(w.data)
		w.registerFirst()
		for range 5 {
			w.want(events.SubjectAuthLogin, login("a wrong password"), "invalid_credentials")
		}
		_, err := w.ask(events.SubjectAuthLogin, login(password)) // even the right one has to wait
		var refused *events.AuthError
		if !errors.As(err, &refused) || refused.Code != "throttled" || refused.RetryAfterS < 1 || refused.RetryAfterS > 5 {
			w.t.Fatalf("sixth try: got %+v, want throttled for up to 5 s", err)
		}
		elsewhere := login(password)
		elsewhere.RemoteIP = "192.0.2.2"
		w.want(events.SubjectAuthLogin, elsewhere, "")
		w.want(events.SubjectAuthLogin, events.LoginRequest{Name: "nobody", Password: password}, "invalid_credentials")
	})
}

// TestTwoProcesses lets two auth processes with folders of their own share a database.
func TestTwoProcesses(t *testing.T) {
	onBoth(t, func(w *world) {
		t := w.t
		second := w.data
		if w.url != "" {
			second = t.TempDir()
		}
		w.start(w.data)
		stopSecond := w.start(second)
		token := w.bootstrapToken()
		var wg sync.WaitGroup
		codes := make([]string, 6)
		for i := range codes {
			wg.Go(func() {
				_, err := w.ask(events.SubjectAuthRegister, events.RegisterRequest{
					Name: fmt.Sprintf("captain %d", i), Password: password, BootstrapToken: token,
				})
				codes[i] = codeOf(err)
			})
		}
		wg.Wait()
		won := 0
		for _, c := range codes {
			switch c {
			case "":
				won++
			case "registration_closed", "bootstrap_token_invalid":
			default:
				t.Errorf("got %q", c)
			}
		}
		if won != 1 {
			t.Errorf("%d won the first account, want 1: %q", won, codes)
		}
		if want := map[bool]int{true: 1, false: 2}[w.url == ""]; len(w.keys().Keys) != want {
			t.Errorf("%d keys are announced, want %d", len(w.keys().Keys), want)
		}
		stopSecond()
	})
}

func TestRestartKeepsSessions(t *testing.T) {
	onBoth(t, func(w *world) {
		stop := w.start(w.data)
		s := w.registerFirst()
		stop()
		w.start(w.data)
		next := w.want(events.SubjectAuthRefresh, events.RefreshRequest{RefreshToken: s.RefreshToken}, "")
		w.verify(s.AccessToken) // the key is the same
		if next.User != s.User {
			w.t.Errorf("got %+v, want %+v", next.User, s.User)
		}
		if _, err := os.Stat(filepath.Join(w.data, auth.BootstrapTokenFile)); !errors.Is(err, fs.ErrNotExist) {
			w.t.Errorf("a new bootstrap token was made: %v", err)
		}
	})
}

func TestBrokerRestart(t *testing.T) {
	w := newWorld(t, "")
	w.start(w.data)
	w.registerFirst()
	w.broker.Restart(t)
	deadline := time.Now().Add(20 * time.Second)
	for {
		s, err := w.ask(events.SubjectAuthLogin, login(password))
		if err == nil {
			w.verify(s.AccessToken)
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("no sign-in after the broker came back: %v", err)
		}
	}
}

// TestNoSecretIsLogged signs in well and badly and looks for every secret in the log.
func TestNoSecretIsLogged(t *testing.T) {
	w := newWorld(t, "")
	w.start(w.data)
	secrets := []string{password, w.bootstrapToken(), "canary-wrong-password"}
	s := w.registerFirst()
	w.want(events.SubjectAuthLogin, login("canary-wrong-password"), "invalid_credentials")
	n := w.want(events.SubjectAuthRefresh, events.RefreshRequest{RefreshToken: s.RefreshToken}, "")
	w.want(events.SubjectAuthRefresh, events.RefreshRequest{RefreshToken: s.RefreshToken}, "refresh_invalid")
	secrets = append(secrets, s.AccessToken, s.RefreshToken, n.AccessToken, n.RefreshToken)
	log := w.log.String()
	if !strings.Contains(log, "account made") {
		t.Fatalf("the log is empty: %q", log)
	}
	for i, secret := range secrets {
		if strings.Contains(log, secret) {
			t.Errorf("secret %d is in the log", i)
		}
	}
}

func TestDamagedFilesStopTheStart(t *testing.T) {
	tests := []struct {
		name, file, content string
		mode                os.FileMode
		want                string
	}{
		{"key is garbage", auth.SigningKeyFile, "garbage", 0o600, "is damaged"},
		{"others may read the key", auth.SigningKeyFile, "x", 0o644, "chmod 600"},
		{"token is empty", auth.BootstrapTokenFile, "", 0o600, "is damaged"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, "")
			path := filepath.Join(w.data, tt.file)
			if err := os.WriteFile(path, []byte(tt.content), tt.mode); err != nil {
				t.Fatal(err)
			}
			if err := w.runOnce(); err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), path) {
				t.Errorf("got %v, want %q and the path", err, tt.want)
			}
		})
	}
}
