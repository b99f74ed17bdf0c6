package spec

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const minimal = `{"model":"m","target":{"url":"http://h:8000/v1"},"input_length":128,"output_length":16,"concurrency":4}`

// with returns the minimal document with one more member, or one replaced.
func with(t *testing.T, key, value string) []byte {
	t.Helper()
	var doc map[string]json.RawMessage
	if err := json.Unmarshal([]byte(minimal), &doc); err != nil {
		t.Fatal(err)
	}
	if value == "" {
		delete(doc, key)
	} else {
		doc[key] = json.RawMessage(value)
	}
	b, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// codes are the faults of a document as "pointer code" lines.
func codes(t *testing.T, document []byte) []string {
	t.Helper()
	_, err := Parse(document)
	if err == nil {
		return nil
	}
	var f *Faults
	if !errors.As(err, &f) {
		t.Fatalf("Parse(%s) = %v, want *Faults", document, err)
	}
	var out []string
	for _, x := range f.List {
		for _, s := range []string{x.Detail.EN, x.Detail.ZH, x.Fix.EN, x.Fix.ZH} {
			if s == "" {
				t.Errorf("fault %s %s lacks a text: %+v", x.Pointer, x.Code, x)
			}
		}
		out = append(out, x.Pointer+" "+x.Code)
	}
	return out
}

func TestParseFillsDefaults(t *testing.T) {
	got, err := Parse([]byte(minimal))
	if err != nil {
		t.Fatal(err)
	}
	yes, two := true, 2
	want := Spec{
		Model: "m", Engine: "unknown",
		Target: Target{URL: "http://h:8000/v1", API: APIChat, TLSVerify: &yes},
		Mode:   ModeLocal, Generator: GeneratorEvalscope,
		InputLength: Length{128, 128}, OutputLength: Length{16, 16},
		Concurrency: Concurrency{Levels: []int{4}}, Loop: 1, Stream: &yes,
		Prompts: Prompts{Source: SourceSynthetic},
		Timeouts: Timeouts{
			Connect: Duration(10 * time.Second), FirstToken: Duration(time.Minute),
			Stall: Duration(30 * time.Second), Request: Duration(10 * time.Minute),
		},
		Retries: &two, Runners: 1, Archive: ArchiveNever,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if diff := cmp.Diff(got, got.WithDefaults()); diff != "" {
		t.Errorf("defaults are not idempotent (-want +got)\n%s", diff)
	}
	if err := got.Validate(); err != nil {
		t.Errorf("Validate() = %v", err)
	}
}

func TestParseEverySpelling(t *testing.T) {
	document := `{
		"name": "夜间 qwen", "model": "qwen2.5-7b", "engine": "vllm",
		"target": {"url": "https://h/v1/", "api": "completions", "credential": "cred_my-key_1", "tls_verify": false, "headers": {"X-Route": "a b"}},
		"mode": "local", "generator": "evalscope",
		"input_length": {"min": 64, "max": 128}, "output_length": {"min": 8, "max": 8},
		"concurrency": [1, 8, 64], "loop": 3, "duration": "1m30s", "warmup": {"requests": 10}, "stream": false,
		"prompts": {"source": "synthetic", "seed": -5, "shared_prefix": 0.25},
		"timeouts": {"connect": "1s", "first_token": "2s", "stall": "3s", "request": "4s"},
		"retries": 0, "runners": 1, "archive": "always", "share_target": true, "slo": []
	}`
	s, err := Parse([]byte(document))
	if err != nil {
		t.Fatal(err)
	}
	if s.Name != "夜间 qwen" || s.Target.Headers["X-Route"] != "a b" || *s.Target.TLSVerify || *s.Stream ||
		*s.Retries != 0 || *s.Prompts.Seed != -5 || s.Prompts.SharedPrefix != 0.25 || !s.ShareTarget ||
		s.InputLength != (Length{64, 128}) || s.OutputLength != (Length{8, 8}) || s.Archive != ArchiveAlways ||
		s.Duration != Duration(90*time.Second) || s.Warmup != (Warmup{true, 10}) ||
		s.Timeouts.Request != Duration(4*time.Second) || len(s.Concurrency.Levels) != 3 {
		t.Errorf("Parse = %+v", s)
	}
}

// Every rule has a line: the member that breaks it and the fault it earns.
func TestParseRules(t *testing.T) {
	long := func(n int) string { return `"` + strings.Repeat("x", n) + `"` }
	target := func(member string) string { return `{"url":"http://h/v1",` + member + `}` }
	url := func(u string) string { return `{"url":"` + u + `"}` }
	tests := []struct {
		name, key, value string
		want             string // "" when it is right
	}{
		{"unknown field", "concurency", "4", "/concurency unknown_field"},
		{"unknown field with slash and tilde", "a/b~c", "4", "/a~1b~0c unknown_field"},
		{"unknown nested field", "target", target(`"hots":1`), "/target/hots unknown_field"},
		{"name of the wrong type", "name", "1", "/name wrong_type"},
		{"null is not a value", "rate", "null", "/rate wrong_type\n/rate conflict"},
		{"longest name", "name", long(200), ""},
		{"name too long", "name", long(201), "/name out_of_range"},
		{"name on two lines", "name", `"a\nb"`, "/name invalid"},
		{"model missing", "model", "", "/model required"},
		{"model empty", "model", `""`, "/model required"},
		{"model too long", "model", long(201), "/model out_of_range"},
		{"model with a bell", "model", `"a\u0007"`, "/model invalid"},
		{"model ends in a space", "model", `"qwen "`, "/model invalid"},
		{"engine too long", "engine", long(101), "/engine out_of_range"},
		{"target missing", "target", "", "/target/url required"},
		{"target no object", "target", `"http://h"`, "/target wrong_type\n/target/url required"},
		{"url empty", "target", url(""), "/target/url required"},
		{"url relative", "target", url("h:8000/v1"), "/target/url invalid"},
		{"url other scheme", "target", url("ftp://h/v1"), "/target/url invalid"},
		{"url without host", "target", url("http:///v1"), "/target/url invalid"},
		{"url with password", "target", url("http://u:p@h/v1"), "/target/url secret"},
		{"url with query", "target", url("http://h/v1?key=1"), "/target/url invalid"},
		{"url with empty query", "target", url("http://h/v1?"), "/target/url invalid"},
		{"url with fragment", "target", url("http://h/v1#x"), "/target/url invalid"},
		{"url port too high", "target", url("http://h:65536/v1"), "/target/url invalid"},
		{"url of one call", "target", url("http://h/v1/chat/completions"), "/target/url invalid"},
		{"url with IPv6", "target", url("http://[::1]:8000/v1"), ""},
		{"api", "target", target(`"api":"embeddings"`), "/target/api invalid"},
		{"tls_verify", "target", target(`"tls_verify":"no"`), "/target/tls_verify wrong_type"},
		{"credential is a key", "target", target(`"credential":"sk-abc"`), "/target/credential invalid"},
		{"credential too long", "target", target(`"credential":"cred_` + strings.Repeat("a", 65) + `"`), "/target/credential invalid"},
		{"header secret by name", "target", target(`"headers":{"Authorization":"x"}`), "/target/headers/Authorization secret"},
		{"header secret by part of the name", "target", target(`"headers":{"X-My-Token":"x"}`), "/target/headers/X-My-Token secret"},
		{"header secret by value", "target", target(`"headers":{"X-A":"Bearer abc"}`), "/target/headers/X-A secret"},
		{"header of the request", "target", target(`"headers":{"Content-Type":"x"}`), "/target/headers/Content-Type invalid"},
		{"header name", "target", target(`"headers":{"a b":"x"}`), "/target/headers/a b invalid"},
		{"header name empty", "target", target(`"headers":{"":"x"}`), "/target/headers/ invalid"},
		{"header value", "target", target(`"headers":{"X-A":"x\r\ny: z"}`), "/target/headers/X-A invalid"},
		{"header value type", "target", target(`"headers":{"X-A":1}`), "/target/headers/X-A wrong_type"},
		{"header twice", "target", target(`"headers":{"X-A":"1","x-a":"2"}`), "/target/headers/x-a duplicate"},
		{"headers type", "target", target(`"headers":[]`), "/target/headers wrong_type"},
		{"mode", "mode", `"cloud"`, "/mode invalid"},
		{"remote not yet", "mode", `"remote"`, "/mode not_available"},
		{"host not yet", "host", `"host_1"`, "/host not_available"},
		{"native not yet", "generator", `"native"`, "/generator not_available"},
		{"input_length missing", "input_length", "", "/input_length required"},
		{"input_length zero", "input_length", "0", "/input_length out_of_range"},
		{"input_length largest", "input_length", "1000000", ""},
		{"input_length too large", "input_length", "1000001", "/input_length out_of_range"},
		{"input_length beyond 64 bits", "input_length", "99999999999999999999", "/input_length out_of_range"},
		{"input_length with fraction", "input_length", "1.0", "/input_length wrong_type"},
		{"input_length with exponent", "input_length", "1e2", "/input_length wrong_type"},
		{"input_length text", "input_length", `"128"`, "/input_length wrong_type"},
		{"range upside down", "output_length", `{"min":9,"max":8}`, "/output_length/min conflict"},
		{"range without max", "output_length", `{"min":9}`, "/output_length/max required"},
		{"concurrency missing", "concurrency", "", "/concurrency required"},
		{"concurrency zero", "concurrency", "0", "/concurrency out_of_range"},
		{"concurrency largest", "concurrency", "65536", ""},
		{"concurrency too large", "concurrency", "65537", "/concurrency out_of_range"},
		{"concurrency empty", "concurrency", "[]", "/concurrency out_of_range"},
		{"concurrency twice", "concurrency", "[1,8,1]", "/concurrency/2 duplicate"},
		{"concurrency word", "concurrency", `"max"`, "/concurrency wrong_type"},
		{"auto not yet", "concurrency", `"auto"`, "/concurrency not_available"},
		{"rate with concurrency", "rate", "2.5", "/rate conflict"},
		{"rate zero", "rate", "0", "/rate out_of_range\n/rate conflict"},
		{"loop zero", "loop", "0", "/loop out_of_range"},
		{"loop too many", "loop", "1001", "/loop out_of_range"},
		{"requests zero", "requests", "0", "/requests out_of_range"},
		{"requests too many", "requests", "10000001", "/requests out_of_range"},
		{"duration without unit", "duration", `"60"`, "/duration wrong_type"},
		{"duration number", "duration", "60", "/duration wrong_type"},
		{"duration too short", "duration", `"999ms"`, "/duration out_of_range"},
		{"duration too long", "duration", `"24h1s"`, "/duration out_of_range"},
		{"warmup true", "warmup", "true", ""},
		{"warmup number", "warmup", "3", "/warmup wrong_type"},
		{"warmup without requests", "warmup", "{}", "/warmup/requests required"},
		{"stream", "stream", "1", "/stream wrong_type"},
		{"prompts source", "prompts", `{"source":"web"}`, "/prompts/source invalid"},
		{"prompts file not yet", "prompts", `{"source":"file"}`, "/prompts/source not_available"},
		{"prompts text missing", "prompts", `{"source":"text"}`, "/prompts/text required"},
		{"prompts text empty", "prompts", `{"source":"text","text":""}`, "/prompts/text required"},
		{"prompts text", "prompts", `{"source":"text","text":"a\nb"}`, ""},
		{"prompts text too large", "prompts", `{"source":"text","text":` + long(1<<20+1) + `}`, "/prompts/text out_of_range"},
		{"prompts text unused", "prompts", `{"text":"a"}`, "/prompts/text conflict"},
		{"prompts text shared", "prompts", `{"source":"text","text":"a","shared_prefix":0.5}`, "/prompts/shared_prefix conflict"},
		{"shared_prefix", "prompts", `{"shared_prefix":1.1}`, "/prompts/shared_prefix out_of_range"},
		{"seed", "prompts", `{"seed":9007199254740992}`, "/prompts/seed out_of_range"},
		{"slo not yet", "slo", `["p99(ttft) < 500ms"]`, "/slo not_available"},
		{"slo type", "slo", `"p99"`, "/slo wrong_type"},
		{"timeouts", "timeouts", `{"connect":"0s"}`, "/timeouts/connect out_of_range"},
		{"retries", "retries", "11", "/retries out_of_range"},
		{"retries below", "retries", "-1", "/retries out_of_range"},
		{"runners not yet", "runners", "2", "/runners not_available"},
		{"runners zero", "runners", "0", "/runners out_of_range"},
		{"archive", "archive", `"later"`, "/archive invalid"},
		{"share_target", "share_target", `"yes"`, "/share_target wrong_type"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := codes(t, with(t, tt.key, tt.value))
			if strings.Join(got, "\n") != tt.want {
				t.Errorf("%s: %.80s\n got %q\nwant %q", tt.key, tt.value, got, tt.want)
			}
		})
	}
}

func TestParseTogether(t *testing.T) {
	tests := []struct {
		name, document string
		want           []string
	}{
		{"all faults at once", `{"model":"","target":{"url":"h"},"loop":0,"x":1,"concurrency":[0]}`, []string{
			"/target/url invalid", "/loop out_of_range", "/x unknown_field", "/concurrency/0 out_of_range",
			"/input_length required", "/output_length required", "/model required",
		}},
		{"rate alone", `{"model":"m","mode":"simulated","input_length":1,"output_length":1,"rate":0.5}`, nil},
		{"simulated needs no url", `{"model":"m","mode":"simulated","input_length":1,"output_length":1,"concurrency":1}`, nil},
		{"requests and duration", `{"model":"m","mode":"simulated","input_length":1,"output_length":1,"concurrency":1,"requests":5,"duration":"5s"}`, []string{"/duration conflict"}},
		{"as many loops of levels as there may be", `{"model":"m","mode":"simulated","input_length":1,"output_length":1,"concurrency":[1,2,3,4],"loop":250}`, nil},
		{"one loop of levels too many", `{"model":"m","mode":"simulated","input_length":1,"output_length":1,"concurrency":[1,2,3,4,5,6,7],"loop":143}`, []string{"/loop out_of_range"}},
		{"loops of a rate", `{"model":"m","mode":"simulated","input_length":1,"output_length":1,"rate":2,"loop":1000}`, nil},
		{"loop itself out of range", `{"model":"m","mode":"simulated","input_length":1,"output_length":1,"concurrency":[1,2],"loop":1001}`, []string{"/loop out_of_range"}},
		{"duplicate keys", `{"model":"m","model":"n","mode":"simulated","input_length":{"min":1,"min":2,"max":3},"output_length":1,"concurrency":1}`, []string{
			"/model duplicate", "/input_length/min duplicate",
		}},
		{"list", `[]`, []string{" wrong_type"}},
		{"null", `null`, []string{" wrong_type"}},
		{"nothing", ``, []string{" syntax"}},
		{"cut off", `{"model":"m"`, []string{" syntax"}},
		{"two documents", minimal + `{}`, []string{" syntax"}},
		{"not UTF-8", "{\"model\":\"\xff\"}", []string{" syntax"}},
		{"trailing comma", `{"model":"m",}`, []string{" syntax"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, codes(t, []byte(tt.document))); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestParseSaysWhereSyntaxBreaks(t *testing.T) {
	_, err := Parse([]byte("{\n  \"模型\": tru\n}"))
	if err == nil || !strings.Contains(err.Error(), "line 2, column 12") {
		t.Errorf("Parse = %v, want line 2, column 12", err)
	}
}

func TestParseNeverRepeatsASecret(t *testing.T) {
	const secret = "hunter2hunter2"
	documents := []string{
		`{"target":{"url":"http://me:` + secret + `@h/v1"}}`,
		`{"target":{"url":"http://h/v1?key=` + secret + `"}}`,
		`{"target":{"url":"http://h:` + secret + `/v1"}}`,
		`{"target":{"credential":"` + secret + `!"}}`,
		`{"target":{"headers":{"Authorization":"` + secret + `"}}}`,
		`{"target":{"headers":{"X-A":"Bearer ` + secret + `"}}}`,
		`{"mode":"` + secret + `"}`,
		`{"duration":"` + secret + `"}`,
		`{"model":"` + secret + `" "x"}`,
	}
	for _, d := range documents {
		_, err := Parse([]byte(d))
		if err == nil || strings.Contains(fmt.Sprintf("%v %+v", err, err), secret) {
			t.Errorf("Parse(%s) = %v", d, err)
		}
	}
}

func TestParseBoundsItsAnswer(t *testing.T) {
	var b strings.Builder
	b.WriteString(`{"model":"m"`)
	for i := range 5000 {
		fmt.Fprintf(&b, `,"x%d":1,"y":1`, i)
	}
	b.WriteString(`,"` + strings.Repeat("k", 10_000) + `":1}`)
	_, err := Parse([]byte(b.String()))
	var f *Faults
	if !errors.As(err, &f) || len(f.List) > maxFaults || len(err.Error()) > 200_000 {
		t.Errorf("got %d faults in %d bytes", len(f.List), len(err.Error()))
	}
	if _, err := Parse(make([]byte, MaxBytes+1)); err == nil {
		t.Error("a document above the limit was read")
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		minimal, `{}`, `[]`, `null`, `{"rate":1e-3}`, `{"concurrency":[1,2]}`, `{"warmup":{"requests":0}}`,
		`{"model":"m","mode":"simulated","input_length":{"min":1,"max":2},"output_length":1,"rate":1.5,"warmup":true,"duration":"90s","prompts":{"source":"text","text":"x"},"target":{"headers":{"A":"b"}}}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, document []byte) {
		first, err := Parse(document)
		if err != nil {
			var faults *Faults
			if !errors.As(err, &faults) || len(faults.List) == 0 {
				t.Fatalf("Parse = %v, want *Faults with a fault", err)
			}
			return
		}
		again, err := json.Marshal(first)
		if err != nil {
			t.Fatal(err)
		}
		second, err := Parse(again)
		if err != nil {
			t.Fatalf("%s was right, its own spelling %s is not: %v", document, again, err)
		}
		if diff := cmp.Diff(first, second); diff != "" {
			t.Fatalf("%s changed on the way (-first +second)\n%s", document, diff)
		}
		var stored Spec
		if err := json.Unmarshal(again, &stored); err != nil {
			t.Fatalf("stored as %s and not readable: %v", again, err)
		}
		if diff := cmp.Diff(first, stored); diff != "" {
			t.Fatalf("%s changed when stored (-first +stored)\n%s", document, diff)
		}
		first.Plan()
		first.Warnings()
	})
}
