// Package keys signs access tokens and keeps the public keys they are checked with.
package keys

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"

	"plimsoll.internal/libs/events"
	"plimsoll.internal/services/auth/internal/keep"
)

// Issuer is the iss claim of every access token.
const Issuer = "plimsoll"

// AccessLife is how long an access token is good.
const AccessLife = 10 * time.Minute

const pemType = "PRIVATE KEY"

// Signer signs access tokens with the key of one data folder.
type Signer struct {
	private ed25519.PrivateKey
	kid     string
}

// OpenSigner reads the signing key, or makes it when there is none.
func OpenSigner(path string) (*Signer, error) {
	kept, err := keep.Once(path, newKey)
	if err != nil {
		return nil, fmt.Errorf("keep signing key: %w", err)
	}
	block, _ := pem.Decode(kept)
	if block == nil || block.Type != pemType {
		return nil, fmt.Errorf("signing key %s is damaged: not a PEM private key; restore it, or remove it and everybody signs in again", path)
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("signing key %s is damaged: %w", path, err)
	}
	private, ok := key.(ed25519.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("signing key %s is not an Ed25519 key", path)
	}
	s := &Signer{private: private}
	id := sha256.Sum256(s.public())
	s.kid = base64.RawURLEncoding.EncodeToString(id[:12])
	return s, nil
}

func newKey() ([]byte, error) {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make signing key: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return nil, fmt.Errorf("encode signing key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: pemType, Bytes: der}), nil
}

// Public is the key others check with.
func (s *Signer) Public() events.Key { return events.Key{ID: s.kid, Public: s.public()} }

func (s *Signer) public() ed25519.PublicKey {
	public, _ := s.private.Public().(ed25519.PublicKey) // always of this type
	return public
}

// accessClaims are the claims of an access token.
type accessClaims struct {
	events.Claims
	jwt.RegisteredClaims
}

// Access makes an access token for an account.
func (s *Signer) Access(u events.User, now time.Time) (token string, expires time.Time, err error) {
	id, err := uuid.NewV7()
	if err != nil {
		return "", time.Time{}, fmt.Errorf("make id of access token: %w", err)
	}
	if u.ID == "" {
		return "", time.Time{}, errors.New("make access token: the account has no id")
	}
	expires = now.Add(AccessLife).Truncate(time.Second)
	t := jwt.NewWithClaims(jwt.SigningMethodEdDSA, accessClaims{
		events.Claims{Name: u.Name, Role: u.Role},
		jwt.RegisteredClaims{
			Issuer: Issuer, Subject: u.ID, ID: id.String(),
			IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(expires),
		},
	})
	t.Header["kid"] = s.kid
	token, err = t.SignedString(s.private)
	if err != nil {
		return "", time.Time{}, fmt.Errorf("sign access token: %w", err)
	}
	return token, expires.UTC(), nil
}
