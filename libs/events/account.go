package events

import "time"

// Requests to the auth service go over the bus as request and reply, never through a stream: they carry
// passwords and tokens.
const (
	SubjectAuthRegister = "plimsoll.svc.auth.register"
	SubjectAuthLogin    = "plimsoll.svc.auth.login"
	SubjectAuthRefresh  = "plimsoll.svc.auth.refresh"
	SubjectAuthLogout   = "plimsoll.svc.auth.logout"
)

// RegisterRequest asks for a new account. The first account needs the bootstrap token and becomes admin;
// later ones are made by an admin, whose id the gateway has checked.
type RegisterRequest struct {
	Name           string `json:"name"`
	Password       string `json:"password"`
	BootstrapToken string `json:"bootstrap_token,omitempty"`
	By             Actor  `json:"by,omitzero"`
}

// LoginRequest trades name and password for tokens.
type LoginRequest struct {
	Name     string `json:"name"`
	Password string `json:"password"`
	RemoteIP string `json:"remote_ip,omitempty"`
}

// RefreshRequest trades a refresh token for new tokens; the old one is spent. Logout sends it too.
type RefreshRequest struct {
	RefreshToken string `json:"refresh_token"`
}

// Session is the answer to register, login and refresh.
type Session struct {
	User           User      `json:"user"`
	AccessToken    string    `json:"access_token"` // JWT signed with Ed25519
	AccessExpires  time.Time `json:"access_expires_at"`
	RefreshToken   string    `json:"refresh_token"` // opaque, single use
	RefreshExpires time.Time `json:"refresh_expires_at"`
}

// User is an account as others may see it.
type User struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Role string `json:"role"` // admin | member | viewer
}

// AuthError is the refusal of the auth service, sent in place of a Session.
type AuthError struct {
	Code        string `json:"code"`    // invalid_credentials | bootstrap_token_invalid | registration_closed | name_taken | weak_password | refresh_invalid | throttled
	Message     string `json:"message"` // English, no secret
	RetryAfterS int    `json:"retry_after_s,omitempty"`
}

// Error makes it usable as an error.
func (e *AuthError) Error() string { return e.Code + ": " + e.Message }

// KeySet is the public keys access tokens are checked with, newest first.
type KeySet struct {
	Keys []Key `json:"keys"`
}

// Key is one Ed25519 public key.
type Key struct {
	ID     string `json:"kid"`
	Public []byte `json:"public"` // 32 bytes
}

// Claims of an access token besides the registered ones: sub is the user id, exp at most 15 minutes away.
type Claims struct {
	Name string `json:"name"`
	Role string `json:"role"`
}
