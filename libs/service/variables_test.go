package service

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func TestVariables(t *testing.T) {
	set := map[string]string{"N": "3", "D": "1.5s", "B": "true", "BAD_N": "three", "BAD_D": "5", "BAD_B": "ja"}
	v := Variables{Env: func(name string) string { return set[name] }}
	n, d, b, kept := 1, time.Second, false, 7
	v.Int("N", &n, 1, 3)
	v.Duration("D", &d)
	v.Bool("B", &b)
	v.Int("MISSING", &kept, 1, 2)
	if n != 3 || d != 1500*time.Millisecond || !b || kept != 7 || v.Err(nil) != nil {
		t.Errorf("got %d %s %v %d, %v", n, d, b, kept, v.Err(nil))
	}
	v.Int("BAD_N", &n, 1, 3)
	v.Int("N", &n, 4, 9)
	v.Duration("BAD_D", &d)
	v.Bool("BAD_B", &b)
	err := v.Err(errors.New("and more"))
	for _, want := range []string{
		`BAD_N: "three" must be a whole number from 1 to 3`, `N: "3" must be a whole number from 4 to 9`, `BAD_D: "5" must be a duration with a unit, like 10s`,
		`BAD_B: "ja" must be true or false`, "and more",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("does not say %q: %v", want, err)
		}
	}
	if n != 3 || d != 1500*time.Millisecond || !b {
		t.Error("a bad value changed its field")
	}
}
