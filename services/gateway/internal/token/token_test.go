package token

import (
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"plimsoll.internal/libs/events"
)

func keyed(t testing.TB, ids ...string) (*Keys, ed25519.PrivateKey) {
	t.Helper()
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	var set events.KeySet
	for _, id := range ids {
		set.Keys = append(set.Keys, events.Key{ID: id, Public: public})
	}
	data, err := json.Marshal(set)
	if err != nil {
		t.Fatal(err)
	}
	var k Keys
	if err := k.set(data); err != nil {
		t.Fatal(err)
	}
	return &k, private
}

func signed(t testing.TB, key ed25519.PrivateKey, kid string, claims jwt.MapClaims) string {
	t.Helper()
	token := jwt.NewWithClaims(jwt.SigningMethodEdDSA, claims)
	token.Header["kid"] = kid
	text, err := token.SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func good() jwt.MapClaims {
	return jwt.MapClaims{"iss": Issuer, "sub": "u1", "name": "captain", "role": "admin", "exp": time.Now().Add(time.Minute).Unix()}
}

func TestCheck(t *testing.T) {
	k, key := keyed(t, "new", "old")
	tests := []struct {
		name, kid string
		change    func(jwt.MapClaims)
		wrong     string // part of the error; empty when the token is good
	}{
		{"good", "new", nil, ""},
		{"older key", "old", nil, ""},
		{"unknown key", "gone", nil, "nobody announced"},
		{"expired", "new", func(c jwt.MapClaims) { c["exp"] = time.Now().Add(-time.Minute).Unix() }, "expired"},
		{"never expires", "new", func(c jwt.MapClaims) { delete(c, "exp") }, "exp"},
		{"other issuer", "new", func(c jwt.MapClaims) { c["iss"] = "evil" }, "issuer"},
		{"not yet", "new", func(c jwt.MapClaims) { c["nbf"] = time.Now().Add(time.Hour).Unix() }, "not valid yet"},
		{"nobody", "new", func(c jwt.MapClaims) { delete(c, "sub") }, "no user"},
		{"no role", "new", func(c jwt.MapClaims) { delete(c, "role") }, "no role"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			claims := good()
			if tt.change != nil {
				tt.change(claims)
			}
			u, err := k.Check(signed(t, key, tt.kid, claims))
			switch {
			case tt.wrong == "" && (err != nil || u.ID != "u1" || u.Actor().Name != "captain"):
				t.Errorf("got %+v, %v", u, err)
			case tt.wrong != "" && (err == nil || !strings.Contains(err.Error(), tt.wrong)):
				t.Errorf("got %v, want an error with %q", err, tt.wrong)
			}
		})
	}
}

// TestOnlyEd25519 signs with the public key as a shared secret, the old confusion of algorithms.
func TestOnlyEd25519(t *testing.T) {
	k, key := keyed(t, "new")
	public, _ := key.Public().(ed25519.PublicKey)
	token := jwt.NewWithClaims(jwt.SigningMethodHS256, good())
	token.Header["kid"] = "new"
	text, err := token.SignedString([]byte(public))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := k.Check(text); err == nil {
		t.Error("a token signed with HS256 is taken")
	}
}

func TestBadKeySetsAreRefused(t *testing.T) {
	k, key := keyed(t, "new")
	for _, bad := range []string{`{`, `{"keys":[{"kid":"x","public":"AAAA"}]}`, `{"keys":[{"public":"` + strings.Repeat("A", 43) + `="}]}`} {
		if err := k.set([]byte(bad)); err == nil {
			t.Errorf("%s is taken", bad)
		}
	}
	if _, err := k.Check(signed(t, key, "new", good())); err != nil {
		t.Errorf("the good keys are gone: %v", err)
	}
	if _, err := new(Keys).Check("x"); !errors.Is(err, ErrNoKeys) {
		t.Errorf("got %v, want ErrNoKeys", err)
	}
}

func FuzzCheck(f *testing.F) {
	k, key := keyed(f, "new")
	f.Add(signed(f, key, "new", jwt.MapClaims{"exp": 1}))
	f.Add("..")
	f.Fuzz(func(t *testing.T, text string) {
		if u, err := k.Check(text); err == nil {
			t.Errorf("%q speaks for %+v", text, u)
		}
	})
}

// BenchmarkCheck is what every request pays for knowing who asks.
func BenchmarkCheck(b *testing.B) {
	k, key := keyed(b, "new")
	claims := good()
	claims["exp"] = time.Now().Add(time.Hour).Unix()
	text := signed(b, key, "new", claims)
	for b.Loop() {
		if _, err := k.Check(text); err != nil {
			b.Fatal(err)
		}
	}
}
