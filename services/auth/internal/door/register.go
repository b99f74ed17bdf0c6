package door

import (
	"context"
	"errors"

	"plimsoll.internal/libs/events"
	"plimsoll.internal/services/auth/internal/account"
	"plimsoll.internal/services/auth/internal/password"
)

// register makes the first account for whoever has the bootstrap token, and later ones for an admin. It
// looks at the right to register before anything that costs time.
func (d Door) register(ctx context.Context, in events.RegisterRequest) (events.Session, error) {
	first, err := d.mayRegister(ctx, in)
	if err != nil {
		return events.Session{}, err
	}
	name, err := account.CleanName(in.Name)
	if err != nil {
		return events.Session{}, &events.AuthError{Code: codeName, Message: err.Error()}
	}
	if err := password.Check(in.Password, name); err != nil {
		return events.Session{}, &events.AuthError{Code: codePassword, Message: err.Error()}
	}
	hash, err := d.Hasher.Hash(ctx, in.Password)
	if err != nil {
		return events.Session{}, err
	}
	u, err := d.add(ctx, first, name, hash)
	if err != nil {
		return events.Session{}, err
	}
	d.Log.Info("account made", "user_id", u.ID, "role", u.Role, "by", in.By.UserID)
	return d.admit(ctx, u)
}

func (d Door) mayRegister(ctx context.Context, in events.RegisterRequest) (first bool, err error) {
	if in.By.UserID != "" {
		role, err := d.Accounts.Role(ctx, in.By.UserID)
		if err != nil {
			return false, err
		}
		if role != account.RoleAdmin {
			return false, closed()
		}
		return false, nil
	}
	exists, err := d.Accounts.Any(ctx)
	if err != nil {
		return false, err
	}
	if exists {
		return false, closed()
	}
	ok, err := d.Bootstrap.Matches(ctx, in.BootstrapToken)
	if err != nil {
		return false, err
	}
	if !ok {
		return false, &events.AuthError{
			Code: codeBootstrap, Message: "the bootstrap token is wrong; it is in the file bootstrap-token in the data folder of the server",
		}
	}
	return true, nil
}

func (d Door) add(ctx context.Context, first bool, name, hash string) (events.User, error) {
	var u events.User
	var err error
	if first {
		u, err = d.Accounts.AddFirst(ctx, name, hash)
	} else {
		u, err = d.Accounts.Add(ctx, name, account.RoleMember, hash)
	}
	switch {
	case errors.Is(err, account.ErrClosed):
		return u, closed()
	case errors.Is(err, account.ErrTaken):
		return u, &events.AuthError{Code: codeTaken, Message: "the name is taken"}
	case err != nil:
		return u, err
	}
	if first {
		if err := d.Bootstrap.Remove(); err != nil { // void already: the file is of no use to anybody
			d.Log.Warn("bootstrap token file stays", "error", err)
		}
	}
	return u, nil
}

func closed() error {
	return &events.AuthError{Code: codeClosed, Message: "accounts are made by an admin"}
}
