package yamlspec

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"plimsoll.internal/libs/spec"
)

func TestToJSON(t *testing.T) {
	tests := []struct{ name, yaml, want string }{
		{"scalars", "a: text\nb: 12\nc: 0.5\nd: true\ne: null\nf: -3\ng: 1e3", `{"a":"text","b":12,"c":0.5,"d":true,"e":null,"f":-3,"g":1e3}`},
		{"words that YAML 1.1 read as true or false", "a: yes\nb: off\nc: no", `{"a":"yes","b":"off","c":"no"}`},
		{"quoted numbers are text", `a: "12"` + "\nb: '0x1F'", `{"a":"12","b":"0x1F"}`},
		{"lists", "a: [1, 8, 64]\nb:\n  - x\n  - y", `{"a":[1,8,64],"b":["x","y"]}`},
		{"nested", "target: {url: 'http://h:8000/v1', headers: {}}", `{"target":{"url":"http://h:8000/v1","headers":{}}}`},
		{"dates are text", "a: 2026-11-23", `{"a":"2026-11-23"}`},
		{"durations are text", "a: 60s", `{"a":"60s"}`},
		{"block text", "a: |\n  one\n  two\n", `{"a":"one\ntwo\n"}`},
		{"chinese and comments", "# 注释\nname: 夜间 # x", `{"name":"夜间"}`},
		{"anchor", "a: &x [1]\nb: *x", `{"a":[1],"b":[1]}`},
		{"JSON is YAML", `{"a": {"b": [1, 2]}}`, `{"a":{"b":[1,2]}}`},
		{"forced text", "a: !!str 12", `{"a":"12"}`},
		{"empty value", "a:", `{"a":null}`},
		{"start mark", "---\na: 1\n...\n", `{"a":1}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ToJSON([]byte(tt.yaml))
			if err != nil || string(got) != tt.want {
				t.Errorf("ToJSON(%q) = %s, %v\nwant %s", tt.yaml, got, err, tt.want)
			}
		})
	}
}

func TestToJSONRefuses(t *testing.T) {
	bomb := "a: &a [x,x,x,x,x,x,x,x,x]\n"
	for c := 'b'; c <= 'k'; c++ {
		bomb += fmt.Sprintf("%c: &%c [%s]\n", c, c, strings.Repeat(fmt.Sprintf("*%c,", c-1), 9))
	}
	big := "a: &a " + strings.Repeat("x", 1<<20) + "\nb: [" + strings.Repeat("*a,", 1000) + "]"
	tests := []struct{ name, yaml, want string }{
		{"empty", "", " syntax"},
		{"comment only", "# nothing", " syntax"},
		{"indentation", "a: 1\n b: 2", " syntax"},
		{"tab", "a:\n\tb: 1", " syntax"},
		{"unknown alias", "a: *x", " syntax"},
		{"two documents", "a: 1\n---\nb: 2", " syntax"},
		{"duplicate key", "a: 1\nb: 2\na: 3", "/a duplicate"},
		{"duplicate nested key", "t:\n  a: 1\n  a: 1", "/t/a duplicate"},
		{"NaN", "a: .nan", "/a invalid"},
		{"infinity", "a: [1, -.inf]", "/a/1 invalid"},
		{"leading zero", "a: 010", "/a invalid"},
		{"hexadecimal", "a: 0x1F", "/a invalid"},
		{"octal", "a: 0o17", "/a invalid"},
		{"underscore", "a: 1_000", "/a invalid"},
		{"plus", "a: +5", "/a invalid"},
		{"no digit before the point", "a: .5", "/a invalid"},
		{"number key", "1: a", " invalid"},
		{"true key", "true: a", " invalid"},
		{"list key", "[a]: b", " invalid"},
		{"merge key", "a: &x {b: 1}\nc:\n  <<: *x", "/c invalid"},
		{"binary", "a: !!binary aGk=", "/a invalid"},
		{"own tag", "a: !go x", "/a invalid"},
		{"forced bool", "a: !!bool maybe", "/a invalid"},
		{"forced number", "a: !!int many", "/a invalid"},
		{"alias bomb", bomb, " out_of_range"},
		{"alias of a large text", big, " out_of_range"},
		{"alias to itself", "a: &a [*a]", " out_of_range"},
		{"deep", strings.Repeat("[", 100) + strings.Repeat("]", 100), " out_of_range"},
		{"too large", strings.Repeat("#", MaxBytes+1), " out_of_range"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ToJSON([]byte(tt.yaml))
			var f *spec.Faults
			if !errors.As(err, &f) || len(f.List) != 1 {
				t.Fatalf("ToJSON = %.60s, %v; want one fault", got, err)
			}
			x := f.List[0]
			if x.Pointer+" "+x.Code != tt.want {
				t.Errorf("fault %q, want %q", x.Pointer+" "+x.Code, tt.want)
			}
			if x.Detail.EN == "" || x.Detail.ZH == "" || x.Fix.EN == "" || x.Fix.ZH == "" {
				t.Errorf("fault lacks a text: %+v", x)
			}
		})
	}
}

func TestToJSONReportsAllWithLines(t *testing.T) {
	_, err := ToJSON([]byte("a: .nan\nb: 010\nb: 1\n"))
	for _, want := range []string{"/a: line 1:", "/b: line 2:", "/b: line 3:"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v lacks %q", err, want)
		}
	}
}

func TestSyntaxFaultDoesNotQuoteTheDocument(t *testing.T) {
	_, err := ToJSON([]byte("key: *hunter2hunter2"))
	if err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("error = %v", err)
	}
}

func FuzzToJSON(f *testing.F) {
	for _, s := range []string{"a: 1", "a: [1, {b: x}]", "a: &x 1\nb: *x", "? [a]\n: b", "a: !!float .inf", "--- |\n x", "\xff", "a: \"\\ud800\""} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, document []byte) {
		got, err := ToJSON(document)
		if err != nil {
			var faults *spec.Faults
			if !errors.As(err, &faults) {
				t.Fatalf("ToJSON = %v, want *spec.Faults", err)
			}
			return
		}
		if !json.Valid(got) {
			t.Fatalf("%q became %q, which is not JSON", document, got)
		}
		if again, err := ToJSON(got); err == nil && string(again) != string(got) {
			t.Fatalf("%q became %q and then %q", document, got, again)
		}
	})
}
