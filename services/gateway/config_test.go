package gateway_test

import (
	"strings"
	"testing"
	"time"

	"plimsoll.internal/services/gateway"
)

func TestLoadConfig(t *testing.T) {
	env := map[string]string{}
	c, err := gateway.LoadConfig(func(k string) string { return env[k] })
	if err != nil || c.Addr != "127.0.0.1:8080" || c.StopTimeout != 10*time.Second || c.ReapAfter != 90*time.Second {
		t.Errorf("defaults: %+v (%v)", c, err)
	}
	env = map[string]string{
		"PLIMSOLL_LISTEN": "8080", "PLIMSOLL_PUBLIC_URL": "plimsoll.example/x", "PLIMSOLL_REBUILD": "maybe",
		"PLIMSOLL_STOP_TIMEOUT": "-1s", "DATABASE_URL": "mysql://secret-canary@x",
	}
	_, err = gateway.LoadConfig(func(k string) string { return env[k] })
	for name := range env {
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s is not named: %v", name, err)
		}
	}
	if err != nil && strings.Contains(err.Error(), "secret-canary") {
		t.Errorf("the password is in the error: %v", err)
	}
}
