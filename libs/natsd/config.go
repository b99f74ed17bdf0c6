package natsd

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

const defaultMemory = 256 << 20

// configText is the configuration in the server's own language. Filling in its option struct by hand
// leaves accounts half made.
func configText(c Config, id *identity) (string, error) {
	dir, err := filepath.Abs(c.StoreDir)
	if err != nil {
		return "", fmt.Errorf("broker folder: %w", err)
	}
	memory := c.MaxMemory
	if memory == 0 {
		memory = defaultMemory
	}
	var b strings.Builder
	fmt.Fprintf(&b, "server_name: plimsoll\n")
	fmt.Fprintf(&b, "jetstream {\n  store_dir: %s\n  sync_interval: always\n  max_mem: %d\n", quote(dir), memory)
	if c.MaxFile > 0 {
		fmt.Fprintf(&b, "  max_file: %d\n", c.MaxFile)
	}
	fmt.Fprintf(&b, "}\noperator: %s\nsystem_account: %s\n", id.operatorJWT, id.systemKey)
	fmt.Fprintf(&b, "resolver: MEMORY\nresolver_preload {\n  %s: %s\n  %s: %s\n  %s: %s\n}\n",
		id.systemKey, id.systemJWT, id.accountKey, id.accountJWT, id.outsideKey, id.outsideJWT)
	return b.String(), nil
}

func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// Files are what a separate nats-server process and its clients need.
type Files struct {
	Config          string // for nats-server -c
	ServiceCreds    string // for the six services
	SubscriberCreds string // for other systems
}

// WriteFiles writes the configuration of a separate nats-server into c.StoreDir: the same accounts,
// permissions and durability as the embedded one.
func WriteFiles(c Config) (Files, error) {
	if err := os.MkdirAll(c.StoreDir, 0o700); err != nil {
		return Files{}, fmt.Errorf("make broker folder: %w", err)
	}
	id, err := loadIdentity(filepath.Join(c.StoreDir, identityFile))
	if err != nil {
		return Files{}, err
	}
	text, err := configText(c, id)
	if err != nil {
		return Files{}, err
	}
	if c.Listen != "" {
		if _, _, err := splitAddress(c.Listen); err != nil {
			return Files{}, err
		}
		text += "listen: " + quote(c.Listen) + "\n"
	}
	f := Files{
		Config:          filepath.Join(c.StoreDir, "nats-server.conf"),
		ServiceCreds:    filepath.Join(c.StoreDir, "service.creds"),
		SubscriberCreds: filepath.Join(c.StoreDir, "subscriber.creds"),
	}
	for path, data := range map[string][]byte{
		f.Config: []byte(text), f.ServiceCreds: id.serviceCreds, f.SubscriberCreds: id.subscriberCreds,
	} {
		if err := writeSecret(path, data); err != nil {
			return Files{}, err
		}
	}
	return f, nil
}
