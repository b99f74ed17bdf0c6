package rest

import (
	"context"
	"errors"
	"net/http"
	"time"

	"plimsoll.internal/libs/bus"
	"plimsoll.internal/libs/events"
	"plimsoll.internal/libs/failure"
	"plimsoll.internal/services/gateway/internal/httpapi"
	"plimsoll.internal/services/gateway/internal/problem"
)

// RefreshCookie is the cookie that carries the refresh token of a browser.
const RefreshCookie = "plimsoll_refresh"

// authTimeout bounds one question to the auth service; hashing a password takes most of it.
const authTimeout = 10 * time.Second

// Register makes an account: the first with the bootstrap token, later ones by an admin.
func (s *Server) Register(ctx context.Context, r httpapi.RegisterRequestObject) (httpapi.RegisterResponseObject, error) {
	by := CallerOf(ctx).User.Actor()
	session, err := s.ask(ctx, events.SubjectAuthRegister, events.RegisterRequest{
		Name: r.Body.Name, Password: r.Body.Password, BootstrapToken: or(r.Body.BootstrapToken, ""), By: by,
	})
	if by.UserID == "" {
		by = events.Actor{UserID: session.User.ID, Name: r.Body.Name}
	}
	s.audit(ctx, "auth.register", r.Body.Name, by, err)
	if err != nil {
		return nil, err
	}
	return httpapi.Register201JSONResponse{SessionJSONResponse: s.signedIn(session)}, nil
}

// Login trades name and password for tokens.
func (s *Server) Login(ctx context.Context, r httpapi.LoginRequestObject) (httpapi.LoginResponseObject, error) {
	session, err := s.ask(ctx, events.SubjectAuthLogin, events.LoginRequest{
		Name: r.Body.Name, Password: r.Body.Password, RemoteIP: CallerOf(ctx).RemoteIP,
	})
	s.audit(ctx, "auth.login", r.Body.Name, events.Actor{UserID: session.User.ID, Name: r.Body.Name}, err)
	if err != nil {
		return nil, err
	}
	return httpapi.Login200JSONResponse{SessionJSONResponse: s.signedIn(session)}, nil
}

// Refresh trades the refresh token of the body, else of the cookie, for new tokens.
func (s *Server) Refresh(ctx context.Context, r httpapi.RefreshRequestObject) (httpapi.RefreshResponseObject, error) {
	token := CallerOf(ctx).Refresh
	if r.Body != nil && or(r.Body.RefreshToken, "") != "" {
		token = *r.Body.RefreshToken
	}
	if token == "" {
		return nil, problem.New(problem.RefreshInvalid)
	}
	session, err := s.ask(ctx, events.SubjectAuthRefresh, events.RefreshRequest{RefreshToken: token})
	if err != nil {
		return nil, err
	}
	return httpapi.Refresh200JSONResponse{SessionJSONResponse: s.signedIn(session)}, nil
}

// Logout ends the session of the refresh token. Without one, or with one that is spent, it is ended already.
func (s *Server) Logout(ctx context.Context, r httpapi.LogoutRequestObject) (httpapi.LogoutResponseObject, error) {
	token := CallerOf(ctx).Refresh
	if r.Body != nil && or(r.Body.RefreshToken, "") != "" {
		token = *r.Body.RefreshToken
	}
	if token != "" {
		_, err := s.ask(ctx, events.SubjectAuthLogout, events.RefreshRequest{RefreshToken: token})
		if err != nil && problem.From(err).Code != problem.RefreshInvalid {
			return nil, err
		}
	}
	gone := s.cookie("", time.Unix(0, 0))
	gone.MaxAge = -1
	return httpapi.Logout204Response{Headers: httpapi.Logout204ResponseHeaders{SetCookie: text(gone.String())}}, nil
}

// Me says who is signed in.
func (s *Server) Me(ctx context.Context, _ httpapi.MeRequestObject) (httpapi.MeResponseObject, error) {
	u := CallerOf(ctx).User
	return httpapi.Me200JSONResponse{Id: u.ID, Name: u.Name, Role: httpapi.UserRole(u.Role)}, nil
}

// ask puts a question to the auth service. Nothing of it is logged: it carries secrets.
func (s *Server) ask(ctx context.Context, subject string, in any) (events.Session, error) {
	ctx, cancel := context.WithTimeout(ctx, authTimeout)
	defer cancel()
	var session events.Session
	err := s.Bus.Request(ctx, subject, in, &session)
	var refused *events.AuthError
	switch {
	case err == nil:
		return session, nil
	case errors.As(err, &refused):
		return session, refusedBy(refused)
	case errors.Is(err, bus.ErrUnavailable), errors.Is(err, context.DeadlineExceeded):
		return session, problem.New(problem.AuthUnavailable).Because(err).After(2 * time.Second)
	}
	return session, problem.New(problem.AuthUnavailable).Because(err)
}

// refusedBy turns a refusal of the auth service into one of the catalogue.
func refusedBy(e *events.AuthError) *problem.Error {
	code, known := map[string]problem.Code{
		"invalid_credentials":     problem.InvalidCredentials,
		"bootstrap_token_invalid": problem.BootstrapInvalid,
		"registration_closed":     problem.RegistrationClosed,
		"name_taken":              problem.NameTaken,
		"weak_password":           problem.WeakPassword,
		"refresh_invalid":         problem.RefreshInvalid,
		"throttled":               problem.Throttled,
		"name_invalid":            problem.InvalidBody,
	}[e.Code]
	if !known {
		return problem.New(problem.AuthUnavailable).Because(e)
	}
	p := problem.New(code).Because(e).After(time.Duration(e.RetryAfterS) * time.Second)
	switch code {
	case problem.WeakPassword, problem.InvalidBody:
		field := map[problem.Code]string{problem.WeakPassword: "/password", problem.InvalidBody: "/name"}[code]
		p.Errors = []problem.Fault{{
			Pointer: field, Code: e.Code, Detail: failure.Text{EN: e.Message, ZH: p.Document("zh", "", "").Detail},
		}}
	}
	return p
}

func (s *Server) signedIn(x events.Session) httpapi.SessionJSONResponse {
	cookie := s.cookie(x.RefreshToken, x.RefreshExpires)
	return httpapi.SessionJSONResponse{
		Body: httpapi.Session{
			User:        httpapi.User{Id: x.User.ID, Name: x.User.Name, Role: httpapi.UserRole(x.User.Role)},
			AccessToken: x.AccessToken, AccessExpiresAt: x.AccessExpires,
			RefreshToken: x.RefreshToken, RefreshExpiresAt: x.RefreshExpires,
		},
		Headers: httpapi.SessionResponseHeaders{SetCookie: text(cookie.String())},
	}
}

func (s *Server) cookie(value string, expires time.Time) *http.Cookie {
	return &http.Cookie{
		Name: RefreshCookie, Value: value, Path: "/api/v1/auth", Expires: expires,
		HttpOnly: true, Secure: s.Secure, SameSite: http.SameSiteStrictMode,
	}
}
