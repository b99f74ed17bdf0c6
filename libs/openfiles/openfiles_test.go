package openfiles_test

import (
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"plimsoll.internal/libs/openfiles"
)

func TestChildrenGetTheRaisedLimit(t *testing.T) {
	limit, err := openfiles.Raise()
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), "sh", "-c", "ulimit -Sn; ulimit -Hn").Output()
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Fields(string(out))
	if len(got) != 2 || got[0] != got[1] {
		t.Errorf("a child has %q open files (soft, hard), want the same", got)
	}
	if n, err := strconv.ParseUint(got[0], 10, 64); err == nil && n != limit {
		t.Errorf("a child may open %d files, this process %d", n, limit)
	}
}
