package password

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

func TestCheck(t *testing.T) {
	tests := []struct {
		name, password string
		want           error
	}{
		{"good", "mark-on-the-hull-7", nil},
		{"ten characters of Chinese", "载重线标记在船壳上面", nil},
		{"nine characters", "abcdefgh9", ErrShort},
		{"nine characters of 27 bytes", "载重线标记在船壳上", ErrShort},
		{"longest", strings.Repeat("ab", 128), nil},
		{"too long", strings.Repeat("ab", 128) + "c", ErrLong},
		{"the name in capitals", "CAPTAIN-AHAB", ErrName},
		{"common in capitals", "PassWord123", ErrCommon},
		{"one character", "aaaaaaaaaaaa", ErrCommon},
		{"no text", "abcdefghij\xff", ErrText},
		{"zero byte", "abcdefghij\x00", ErrText},
	}
	for _, tt := range tests {
		if err := Check(tt.password, "captain-ahab"); !errors.Is(err, tt.want) {
			t.Errorf("%s: got %v, want %v", tt.name, err, tt.want)
		}
	}
}

func newHasher(t *testing.T, parallel, queue int) *Hasher {
	t.Helper()
	h, err := NewHasher(parallel, queue)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestHashAndVerify(t *testing.T) {
	h := newHasher(t, 1, 1)
	stored, err := h.Hash(t.Context(), "gr\u00f6\u00dfe-der-welle")
	if err != nil || !strings.HasPrefix(stored, "$argon2id$v=19$m=47104,t=2,p=1$") {
		t.Fatalf("got %q, %v", stored, err)
	}
	tests := []struct {
		name, password, stored string
		want                   bool
	}{
		{"right", "gr\u00f6\u00dfe-der-welle", stored, true},
		{"right in another normal form", "gro\u0308\u00dfe-der-welle", stored, true},
		{"wrong", "gr\u00f6\u00dfe-der-wellf", stored, false},
		{"no account", "gr\u00f6\u00dfe-der-welle", "", false},
	}
	for _, tt := range tests {
		if got, err := h.Verify(t.Context(), tt.password, tt.stored); got != tt.want || err != nil {
			t.Errorf("%s: got %v, %v", tt.name, got, err)
		}
	}
	again, err := h.Hash(t.Context(), "gr\u00f6\u00dfe-der-welle")
	if err != nil || again == stored {
		t.Error("two hashes of one password must differ")
	}
}

func TestStoredHashMayNotEatTheMachine(t *testing.T) {
	const salt, key = "AAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	for _, bad := range []string{
		"plain", "$argon2i$v=19$m=47104,t=2,p=1$" + salt + "$" + key, "$argon2id$v=18$m=47104,t=2,p=1$" + salt + "$" + key,
		"$argon2id$v=19$m=4294967295,t=2,p=1$" + salt + "$" + key, "$argon2id$v=19$m=47104,t=4000000000,p=1$" + salt + "$" + key,
		"$argon2id$v=19$m=47104,t=0,p=1$" + salt + "$" + key, "$argon2id$v=19$m=47104,t=2,p=0$" + salt + "$" + key,
		"$argon2id$v=19$m=47104,t=2,p=1$" + salt + "$", "$argon2id$v=19$m=47104,t=2,p=1$!$" + key,
	} {
		if _, err := parsePHC(bad); !errors.Is(err, errPHC) {
			t.Errorf("%s: got %v, want a refusal", bad, err)
		}
	}
}

// TestStormIsRefused fills the only place and the queue: the next one is refused at once, and one whose
// caller has gone does not wait.
func TestStormIsRefused(t *testing.T) {
	h := newHasher(t, 1, 1)
	h.running <- struct{}{}
	h.waiting <- struct{}{} // the one at work
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		_, err := h.Hash(ctx, "waits in the queue")
		ended <- err
	}()
	for len(h.waiting) < 2 {
		<-time.After(time.Millisecond)
	}
	if _, err := h.Verify(t.Context(), "one too many", ""); !errors.Is(err, ErrBusy) {
		t.Errorf("got %v, want ErrBusy", err)
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want canceled", err)
	}
}

func BenchmarkHash(b *testing.B) {
	h, err := NewHasher(1, 1)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := h.Hash(b.Context(), "mark-on-the-hull-7"); err != nil {
			b.Fatal(err)
		}
	}
}
