package filename_test

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"plimsoll.internal/libs/filename"
)

func TestSlug(t *testing.T) {
	tests := []struct {
		name, in, want string
	}{
		{"plain", "qwen2.5-7b_instruct", "qwen2.5-7b_instruct"},
		{"organisation and model", "Qwen/Qwen2.5-7B", "Qwen-Qwen2.5-7B"},
		{"chinese", "通义千问 7B", "通义千问-7B"},
		{"combining marks", "modèle", "modèle"},
		{"climbing up", "../../etc/passwd", "etc-passwd"},
		{"two dots", "..", "unnamed"},
		{"hidden", ".hidden", "hidden"},
		{"looks like a flag", "-rf", "rf"},
		{"trailing dot, which Windows drops", "model.", "model"},
		{"empty", "", "unnamed"},
		{"nothing safe", "///:*?", "unnamed"},
		{"control characters", "a\x00b\nc\td", "a-b-c-d"},
		{"invalid UTF-8", "a\xff\xfeb", "a-b"},
		{"backslash", `C:\models\x`, "C-models-x"},
		{"subject wildcards", "a.*.>", "a"},
		{"runs collapse", "a   //  b", "a-b"},
		{"long", strings.Repeat("x", 300), strings.Repeat("x", 100)},
		{"long, cut inside a character", strings.Repeat("x", 99) + "中", strings.Repeat("x", 99)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := filename.Slug(tt.in); got != tt.want {
				t.Errorf("Slug(%q) = %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}

func TestNames(t *testing.T) {
	at := time.Date(2026, 11, 23, 18, 15, 0, 0, time.FixedZone("CST", 8*3600))
	if got, want := filename.Workbook("Qwen/Qwen2.5", at), "result_Qwen-Qwen2.5_20261123_101500.xlsx"; got != want {
		t.Errorf("Workbook = %q, want %q", got, want)
	}
	if got, want := filename.ArchiveFolder("v llm", "a/b", at), "v-llm/a-b/20261123_101500"; got != want {
		t.Errorf("ArchiveFolder = %q, want %q", got, want)
	}
}

func FuzzSlug(f *testing.F) {
	for _, s := range []string{"", "..", "a/b", "-.x", "\xff", "通义", strings.Repeat("é", 80), "a.-.-."} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		got := filename.Slug(in)
		switch {
		case got == "" || len(got) > 100 || !utf8.ValidString(got):
			t.Errorf("Slug(%q) = %q: empty, too long or not UTF-8", in, got)
		case strings.HasPrefix(got, ".") || strings.HasPrefix(got, "-") || strings.HasSuffix(got, "."):
			t.Errorf("Slug(%q) = %q: starts or ends badly", in, got)
		case strings.ContainsAny(got, "/\\:*?\"<>| \x00"):
			t.Errorf("Slug(%q) = %q: unsafe character", in, got)
		case filename.Slug(got) != got:
			t.Errorf("Slug(%q) = %q, which changes again to %q", in, got, filename.Slug(got))
		}
	})
}
