package evalscope

import (
	"strings"
	"testing"
)

func TestTailIsBoundedAndClean(t *testing.T) {
	tests := []struct {
		name  string
		write []string
		want  string
	}{
		{"plain", []string{"one\n", "two\n"}, "one\ntwo"},
		{"bars and escapes", []string{"\x1b[31mred\x1b[0m\n", "Running:  50%|##  | 1/2\r", "\x1b[Alast\n"}, "red\nlast"},
		{"overwritten line", []string{"first\rsecond\n"}, "second"},
		{"secret", []string{"Bearer sk-canary\n"}, "Bearer ***"},
		{"secret in two writes", []string{"Bearer sk-can", "ary\n"}, "Bearer ***"},
		{"not UTF-8", []string{"a\xffb\n"}, "a?b"},
		{"nothing", nil, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			log := newTail("", "sk-canary")
			for _, w := range tt.write {
				if n, err := log.Write([]byte(w)); n != len(w) || err != nil {
					t.Fatalf("wrote %d, %v", n, err)
				}
			}
			if got := log.String(); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestTailDropsTheTornLine(t *testing.T) {
	log := newTail("sk-canary")
	// The cut falls inside the secret, whose rest could not be recognised.
	log.Write([]byte("sk-canary"))
	log.Write([]byte("\n" + strings.Repeat("x", tailBytes-6) + "\nend\n"))
	got := log.String()
	if strings.Contains(got, "ary") || !strings.HasSuffix(got, "end") || len(got) > tailBytes {
		t.Errorf("got %d bytes, %q…%q", len(got), got[:20], lastLines(got, 1))
	}
}
