// Package password decides which passwords are good enough and keeps them as argon2id hashes. It knows
// nothing about accounts.
package password

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"
)

// The cost of one hash: 46 MiB as OWASP advises, with two passes where one is enough. About 90 ms on one
// core of a small server.
const (
	memoryKiB = 46 * 1024
	passes    = 2
	threads   = 1
	saltBytes = 16
	keyBytes  = 32
)

// The most a stored hash may cost; a row somebody changed must not eat the machine.
const (
	maxMemoryKiB = 256 * 1024
	maxPasses    = 8
	maxThreads   = 8
)

// ErrBusy says that too many passwords are waiting to be checked.
var ErrBusy = errors.New("too many sign-ins at once")

// Hasher hashes at most a few passwords at a time: each needs 46 MiB while it runs. Its methods may be
// called concurrently.
type Hasher struct {
	running chan struct{} // one token per hash at work
	waiting chan struct{} // one token per call, at work or not
	dummy   string
}

// NewHasher works on up to parallel passwords at a time and lets up to queue more wait.
func NewHasher(parallel, queue int) (*Hasher, error) {
	h := &Hasher{running: make(chan struct{}, parallel), waiting: make(chan struct{}, parallel+queue)}
	var err error
	h.dummy, err = h.Hash(context.Background(), rand.Text())
	return h, err
}

// Hash returns the PHC string to store.
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	salt := make([]byte, saltBytes)
	_, _ = rand.Read(salt) // never fails
	p := phc{memoryKiB: memoryKiB, passes: passes, threads: threads, salt: salt}
	key, err := h.derive(ctx, password, p)
	if err != nil {
		return "", err
	}
	p.key = key
	return p.String(), nil
}

// Verify reports whether a password matches a stored PHC string. With no stored string it works as long
// as with one and answers no, so that the time of an answer does not tell whether an account exists.
func (h *Hasher) Verify(ctx context.Context, password, stored string) (bool, error) {
	known := stored != ""
	if !known {
		stored = h.dummy
	}
	p, err := parsePHC(stored)
	if err != nil {
		return false, err
	}
	key, err := h.derive(ctx, password, p)
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(key, p.key) == 1 && known, nil
}

func (h *Hasher) derive(ctx context.Context, password string, p phc) ([]byte, error) {
	select {
	case h.waiting <- struct{}{}:
	default:
		return nil, ErrBusy
	}
	defer func() { <-h.waiting }()
	select {
	case h.running <- struct{}{}:
	case <-ctx.Done():
		return nil, fmt.Errorf("wait to hash a password: %w", context.Cause(ctx))
	}
	defer func() { <-h.running }()
	size := uint32(keyBytes)
	return argon2.IDKey([]byte(norm.NFC.String(password)), p.salt, p.passes, p.memoryKiB, p.threads, size), nil
}

// phc is a hash in the format of the password hashing competition.
type phc struct {
	memoryKiB, passes uint32
	threads           uint8
	salt, key         []byte
}

func (p phc) String() string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s",
		argon2.Version, p.memoryKiB, p.passes, p.threads, b64.EncodeToString(p.salt), b64.EncodeToString(p.key))
}

var errPHC = errors.New("stored password hash is not an argon2id hash of this version")

func parsePHC(text string) (phc, error) {
	parts := strings.Split(text, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return phc{}, errPHC
	}
	var p phc
	if n, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &p.memoryKiB, &p.passes, &p.threads); n != 3 || err != nil {
		return phc{}, errPHC
	}
	var saltErr, keyErr error
	p.salt, saltErr = base64.RawStdEncoding.DecodeString(parts[4])
	p.key, keyErr = base64.RawStdEncoding.DecodeString(parts[5])
	within := p.memoryKiB >= 8 && p.memoryKiB <= maxMemoryKiB && p.passes >= 1 && p.passes <= maxPasses &&
		p.threads >= 1 && p.threads <= maxThreads
	if saltErr != nil || keyErr != nil || len(p.key) != keyBytes || len(p.salt) < 8 || !within {
		return phc{}, errPHC
	}
	return p, nil
}
