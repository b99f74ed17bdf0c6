package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"plimsoll.internal/libs/api"
)

// refreshBefore is how long before its end an access token is replaced.
const refreshBefore = 30 * time.Second

// credentials are the tokens for a server: PLIMSOLL_TOKEN, else those of the last login.
func (a *App) credentials(server string) tokenSource {
	if token := a.Env("PLIMSOLL_TOKEN"); token != "" {
		return fixedToken(token)
	}
	return &signedIn{sessions: sessionFile(a.sessionPath()), server: server, app: a}
}

// sessionPath follows the XDG base directories.
func (a *App) sessionPath() string {
	dir := a.Env("XDG_CONFIG_HOME")
	if dir == "" {
		dir = filepath.Join(a.Env("HOME"), ".config")
	}
	return filepath.Join(dir, "plimsoll", "sessions.json")
}

type fixedToken string

func (t fixedToken) token(context.Context, string) (string, error) { return string(t), nil }

// signedIn takes tokens from the session file and refreshes them, one process at a time.
type signedIn struct {
	sessions sessionFile
	server   string
	app      *App
}

func (s *signedIn) token(ctx context.Context, stale string) (string, error) {
	kept, err := s.sessions.load(s.server)
	if err != nil || usable(kept, stale) {
		return kept.AccessToken, err
	}
	if kept.RefreshToken == "" {
		return "", nil // the server says what is missing
	}
	unlock, err := s.sessions.lock()
	if err != nil {
		return "", err
	}
	defer unlock()
	kept, err = s.sessions.load(s.server)
	if err != nil || usable(kept, stale) || kept.RefreshToken == "" { // another process was faster
		return kept.AccessToken, err
	}
	client, err := s.app.clientWith(s.server, nil)
	if err != nil {
		return "", err
	}
	res, err := client.RefreshWithResponse(ctx, api.RefreshJSONRequestBody{RefreshToken: &kept.RefreshToken})
	if err != nil {
		return "", err
	}
	fresh, err := answered(res.JSON200, res.HTTPResponse, res.Body)
	if codeOfError(err) == ExitDenied {
		return "", s.sessions.save(s.server, nil)
	}
	if err != nil {
		return "", err
	}
	return fresh.AccessToken, s.sessions.save(s.server, &fresh)
}

func usable(s api.Session, stale string) bool {
	return s.AccessToken != "" && s.AccessToken != stale && time.Until(s.AccessExpiresAt) > refreshBefore
}

// sessionFile keeps the sessions of this user, by server, readable by nobody else.
type sessionFile string

func (f sessionFile) load(server string) (api.Session, error) {
	all, err := f.all()
	return all[server], err
}

func (f sessionFile) all() (map[string]api.Session, error) {
	data, err := os.ReadFile(string(f))
	if errors.Is(err, fs.ErrNotExist) {
		return map[string]api.Session{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read sessions: %w", err)
	}
	var all map[string]api.Session
	if json.Unmarshal(data, &all) != nil {
		return nil, &Error{Code: ExitUnexpected, What: string(f) + " is damaged", Fix: "rm " + string(f) + "; plimsoll login"}
	}
	return all, nil
}

// save replaces the session of a server, nil removes it. The file is whole at any moment.
func (f sessionFile) save(server string, s *api.Session) error {
	all, err := f.all()
	if err != nil {
		return err
	}
	if s == nil {
		delete(all, server)
	} else {
		all[server] = *s
	}
	data, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		return fmt.Errorf("encode sessions: %w", err)
	}
	if err := writeWhole(string(f), data); err != nil {
		return fmt.Errorf("keep session: %w", err)
	}
	return nil
}

// lock keeps other processes from refreshing at the same time; it ends with the process.
func (f sessionFile) lock() (unlock func(), err error) {
	if err := os.MkdirAll(filepath.Dir(string(f)), 0o700); err != nil {
		return nil, fmt.Errorf("make folder of sessions: %w", err)
	}
	file, err := os.OpenFile(string(f)+".lock", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open lock of sessions: %w", err)
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX); err != nil {
		_ = file.Close()
		return nil, fmt.Errorf("lock sessions: %w", err)
	}
	return func() { _ = file.Close() }, nil
}

// writeWhole writes a file of mode 0600 beside its place and moves it there.
func writeWhole(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	temp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	_, err = temp.Write(data)
	if err = errors.Join(err, temp.Sync(), temp.Close()); err == nil {
		err = os.Rename(temp.Name(), path)
	}
	if err != nil {
		_ = os.Remove(temp.Name())
	}
	return err
}
