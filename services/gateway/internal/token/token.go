// Package token checks access tokens offline with the public keys that the auth service announces. It
// knows nothing about passwords or accounts.
package token

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"plimsoll.internal/libs/bus"
	"plimsoll.internal/libs/events"
)

// Issuer is who signs our tokens.
const Issuer = "plimsoll"

// leeway allows for clocks of two machines that differ.
const leeway = 10 * time.Second

// ErrNoKeys means the auth service has not announced its keys yet.
var ErrNoKeys = errors.New("no keys to check tokens with: the auth service has not announced any")

// User is who a valid token speaks for.
type User struct {
	ID, Name, Role string
	Expires        time.Time
}

// Actor is the user as events and audit name them.
func (u User) Actor() events.Actor { return events.Actor{UserID: u.ID, Name: u.Name} }

// Keys are the public keys in force. Their methods may be called concurrently.
type Keys struct {
	mu     sync.RWMutex
	public map[string]ed25519.PublicKey // by kid
}

// follower is what Keys need of the bus.
type follower interface {
	Follow(ctx context.Context, f bus.Feed, handle func(bus.Message) error) error
}

// Follow takes over every key set that is announced until ctx ends.
func (k *Keys) Follow(ctx context.Context, b follower, log *slog.Logger) error {
	feed := bus.Feed{Stream: events.StreamControl, Subjects: []string{events.SubjectKeys}, LastPerSubject: true}
	for ctx.Err() == nil {
		err := b.Follow(ctx, feed, func(m bus.Message) error {
			if err := k.set(m.Data); err != nil {
				log.Error("announced keys are refused", "error", err)
			}
			return nil
		})
		if ctx.Err() != nil {
			break
		}
		log.Warn("keys are not followed, trying again", "error", err)
		select {
		case <-ctx.Done():
		case <-time.After(time.Second):
		}
	}
	return nil
}

func (k *Keys) set(data []byte) error {
	var set events.KeySet
	if err := json.Unmarshal(data, &set); err != nil {
		return fmt.Errorf("decode key set: %w", err)
	}
	public := make(map[string]ed25519.PublicKey, len(set.Keys))
	for _, key := range set.Keys {
		if len(key.Public) != ed25519.PublicKeySize || key.ID == "" {
			return fmt.Errorf("key %q is not an Ed25519 key with an id", key.ID)
		}
		public[key.ID] = ed25519.PublicKey(key.Public)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.public = public
	return nil
}

// Known reports whether there is a key.
func (k *Keys) Known() bool {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return len(k.public) > 0
}

type claims struct {
	events.Claims
	jwt.RegisteredClaims
}

// Check returns who a token speaks for.
func (k *Keys) Check(text string) (User, error) {
	if !k.Known() {
		return User{}, ErrNoKeys
	}
	var c claims
	_, err := jwt.ParseWithClaims(text, &c, k.find, jwt.WithValidMethods([]string{jwt.SigningMethodEdDSA.Alg()}),
		jwt.WithIssuer(Issuer), jwt.WithExpirationRequired(), jwt.WithLeeway(leeway))
	if err != nil {
		return User{}, fmt.Errorf("check access token: %w", err)
	}
	if c.Subject == "" || c.Role == "" {
		return User{}, errors.New("check access token: it names no user or no role")
	}
	return User{ID: c.Subject, Name: c.Name, Role: c.Role, Expires: c.ExpiresAt.Time}, nil
}

func (k *Keys) find(t *jwt.Token) (any, error) {
	kid, _ := t.Header["kid"].(string)
	k.mu.RLock()
	defer k.mu.RUnlock()
	key, ok := k.public[kid]
	if !ok {
		return nil, errors.New("it is signed with a key nobody announced")
	}
	return key, nil
}
