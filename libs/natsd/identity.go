package natsd

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
)

const identityFile = "identity.json"

// seeds are the private keys of one data folder; whoever has them owns the broker.
type seeds struct {
	Operator   string `json:"operator"`
	System     string `json:"system"`
	Account    string `json:"account"` // of the platform
	Outside    string `json:"outside"` // of other systems
	Service    string `json:"service"`
	Subscriber string `json:"subscriber"`
}

// identity is everything made from the seeds: who trusts whom, and what each may do.
type identity struct {
	operatorJWT             string
	systemKey, systemJWT    string
	accountKey, accountJWT  string
	outsideKey, outsideJWT  string
	serviceJWT, serviceSeed string
	serviceCreds            []byte
	subscriberCreds         []byte
}

// loadIdentity reads the seeds or makes them at the first start. The account key names the folder the
// streams lie in, so it must never change for one data folder.
func loadIdentity(path string) (*identity, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return newIdentity(path)
	}
	if err != nil {
		return nil, fmt.Errorf("read broker keys: %w", err)
	}
	var s seeds
	if err := json.Unmarshal(data, &s); err != nil {
		return nil, fmt.Errorf("broker keys in %s are damaged; restore the file from a backup: %w", path, err)
	}
	id, err := s.identity()
	if err != nil {
		return nil, fmt.Errorf("broker keys in %s are damaged; restore the file from a backup: %w", path, err)
	}
	return id, nil
}

func newIdentity(path string) (*identity, error) {
	var s seeds
	for _, k := range []struct {
		into *string
		make func() (nkeys.KeyPair, error)
	}{
		{&s.Operator, nkeys.CreateOperator},
		{&s.System, nkeys.CreateAccount},
		{&s.Account, nkeys.CreateAccount},
		{&s.Outside, nkeys.CreateAccount},
		{&s.Service, nkeys.CreateUser},
		{&s.Subscriber, nkeys.CreateUser},
	} {
		pair, err := k.make()
		if err != nil {
			return nil, fmt.Errorf("make broker keys: %w", err)
		}
		seed, err := pair.Seed()
		if err != nil {
			return nil, fmt.Errorf("make broker keys: %w", err)
		}
		*k.into = string(seed)
	}
	data, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("encode broker keys: %w", err)
	}
	if err := writeSecret(path, data); err != nil {
		return nil, err
	}
	return s.identity()
}

// identity signs what the server and the clients need: operator → accounts → users.
func (s seeds) identity() (*identity, error) {
	var pairs [4]nkeys.KeyPair
	var keys [4]string
	for i, seed := range []string{s.Operator, s.System, s.Account, s.Outside} {
		var err error
		if pairs[i], keys[i], err = open(seed); err != nil {
			return nil, fmt.Errorf("key %d: %w", i+1, err)
		}
	}
	operator, account, outside := pairs[0], pairs[2], pairs[3]
	id := &identity{systemKey: keys[1], accountKey: keys[2], outsideKey: keys[3], serviceSeed: s.Service}

	oc := jwt.NewOperatorClaims(keys[0])
	oc.Name, oc.SystemAccount = "plimsoll", id.systemKey
	var err error
	if id.operatorJWT, err = oc.Encode(operator); err != nil {
		return nil, fmt.Errorf("sign operator: %w", err)
	}
	if err := id.signAccounts(operator); err != nil {
		return nil, err
	}
	if id.serviceJWT, id.serviceCreds, err = user(account, "services", s.Service, jwt.Permissions{}); err != nil {
		return nil, err
	}
	_, id.subscriberCreds, err = user(outside, "subscriber", s.Subscriber, subscriberPermissions())
	return id, err
}

// signAccounts makes the accounts of the system, of the platform and of other systems.
func (id *identity) signAccounts(operator nkeys.KeyPair) error {
	system, platform, outside := jwt.NewAccountClaims(id.systemKey), jwt.NewAccountClaims(id.accountKey), jwt.NewAccountClaims(id.outsideKey)
	system.Name, platform.Name, outside.Name = "system", "plimsoll", "outside"
	platform.Limits.JetStreamLimits = jwt.JetStreamLimits{
		MemoryStorage: jwt.NoLimit, DiskStorage: jwt.NoLimit, Streams: jwt.NoLimit, Consumer: jwt.NoLimit,
		MaxAckPending: jwt.NoLimit, MemoryMaxStreamBytes: jwt.NoLimit, DiskMaxStreamBytes: jwt.NoLimit,
	}
	openTo(platform, outside)
	for _, a := range []struct {
		claims *jwt.AccountClaims
		token  *string
	}{{system, &id.systemJWT}, {platform, &id.accountJWT}, {outside, &id.outsideJWT}} {
		var err error
		if *a.token, err = a.claims.Encode(operator); err != nil {
			return fmt.Errorf("sign account %s: %w", a.claims.Name, err)
		}
	}
	return nil
}

func open(seed string) (pair nkeys.KeyPair, public string, err error) {
	if pair, err = nkeys.FromSeed([]byte(seed)); err != nil {
		return nil, "", err
	}
	public, err = pair.PublicKey()
	return pair, public, err
}

// user signs one user and formats the file stock clients read.
func user(account nkeys.KeyPair, name, seed string, may jwt.Permissions) (token string, creds []byte, err error) {
	_, public, err := open(seed)
	if err != nil {
		return "", nil, fmt.Errorf("key of user %s: %w", name, err)
	}
	uc := jwt.NewUserClaims(public)
	uc.Name, uc.Permissions = name, may
	if token, err = uc.Encode(account); err != nil {
		return "", nil, fmt.Errorf("sign user %s: %w", name, err)
	}
	creds, err = jwt.FormatUserConfig(token, []byte(seed))
	if err != nil {
		return "", nil, fmt.Errorf("format credentials of %s: %w", name, err)
	}
	return token, creds, nil
}

// writeSecret replaces path in one step, readable by its owner alone.
func writeSecret(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".secret-*") // mode 0600
	if err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	_, err = f.Write(data)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	return nil
}
