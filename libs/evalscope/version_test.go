package evalscope

import "testing"

func TestVersionsInOrder(t *testing.T) {
	order := []string{
		"0.17.1", "1.0.2", "1.4.2", "1.9", "1.9.1", "1.9.1.post2", "1.10.0rc1", "1.10.0", "1.11.1", "1.14.0.dev3", "1.14.0", "v1.14.1", "2.0",
	}
	equal := map[string]string{"1.9.1": "1.9.1.post2"}
	for i, a := range order {
		for j, b := range order {
			want := i < j && equal[a] != b
			if got := older(a, b); got != want {
				t.Errorf("older(%s, %s) = %v, want %v", a, b, got, want)
			}
		}
	}
}

func TestNoVersion(t *testing.T) {
	for _, text := range []string{"", "1", "newest", "1.x", "x.1", "-1.2", "1..2"} {
		if v, ok := parseVersion(text); ok {
			t.Errorf("%q was read as %+v", text, v)
		}
		if older(text, "9.9.9") || older("0.0.1", text) {
			t.Errorf("%q was put in order", text)
		}
	}
}
