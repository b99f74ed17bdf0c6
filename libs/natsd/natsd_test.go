package natsd

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"

	"plimsoll.internal/libs/folderlock"
)

func TestSecondServerOnOneFolderIsRefused(t *testing.T) {
	dir := t.TempDir()
	s, err := Start(Config{StoreDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Stop()

	_, err = Start(Config{StoreDir: dir})
	if !errors.Is(err, folderlock.ErrHeld) || !strings.Contains(err.Error(), strconv.Itoa(os.Getpid())) {
		t.Fatalf("second start: %v, want folderlock.ErrHeld that names process %d", err, os.Getpid())
	}
	s.Stop()
	again, err := Start(Config{StoreDir: dir})
	if err != nil {
		t.Fatalf("start after stop: %v", err)
	}
	again.Stop()
}

func TestInProcessAndCredentials(t *testing.T) {
	s, err := Start(Config{StoreDir: t.TempDir(), Listen: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Stop()

	p := s.InProcess()
	jwt, seed := p.(interface{ Credentials() (string, string) }).Credentials()
	nc, err := nats.Connect("", nats.InProcessServer(p), nats.UserJWTAndSeed(jwt, seed))
	if err != nil {
		t.Fatalf("services in process: %v", err)
	}
	nc.Close()

	if nc, err := nats.Connect(s.URL()); !errors.Is(err, nats.ErrAuthorization) {
		nc.Close()
		t.Fatalf("without credentials: %v, want an authorization error", err)
	}
	file := filepath.Join(t.TempDir(), "subscriber.creds")
	if err := s.WriteSubscriberCreds(file); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("credentials file: %v %v, want mode 0600", info.Mode(), err)
	}
	nc, err = nats.Connect(s.URL(), nats.UserCredentials(file))
	if err != nil {
		t.Fatalf("subscriber: %v", err)
	}
	nc.Close()
}

func TestIdentityStays(t *testing.T) {
	dir := t.TempDir()
	first, err := loadIdentity(filepath.Join(dir, identityFile))
	if err != nil {
		t.Fatal(err)
	}
	second, err := loadIdentity(filepath.Join(dir, identityFile))
	if err != nil {
		t.Fatal(err)
	}
	if first.accountKey != second.accountKey || first.serviceSeed != second.serviceSeed {
		t.Fatal("keys changed between two starts; streams and credentials would be lost")
	}
	if info, err := os.Stat(filepath.Join(dir, identityFile)); err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("keys have mode %v (%v), want 0600", info.Mode(), err)
	}
}

func TestStartRefusesWhatCannotWork(t *testing.T) {
	taken, err := Start(Config{StoreDir: t.TempDir(), Listen: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Stop()
	file := filepath.Join(t.TempDir(), "file")
	damaged := t.TempDir()
	for path, text := range map[string]string{file: "", filepath.Join(damaged, identityFile): `{"operator":"SO`} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, tc := range []struct {
		name, dir, listen, want string
	}{
		{"folder is a file", file, "", "make broker folder"},
		{"keys damaged", damaged, "", "restore the file"},
		{"address without port", t.TempDir(), "127.0.0.1", "not host:port"},
		{"port too large", t.TempDir(), "127.0.0.1:70000", "0 to 65535"},
		{"port taken", t.TempDir(), strings.TrimPrefix(taken.URL(), "nats://"), "in use"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s, err := Start(Config{StoreDir: tc.dir, Listen: tc.listen})
			if err == nil {
				s.Stop()
			}
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Fatalf("error %v, want one with %q", err, tc.want)
			}
		})
	}
}
