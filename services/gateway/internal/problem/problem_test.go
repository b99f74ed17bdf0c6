package problem

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func han(s string) bool { return strings.ContainsFunc(s, func(r rune) bool { return r > 0x2e7f }) }

// TestEveryCodeInBothLanguages writes every refusal and reads it as a client does.
func TestEveryCodeInBothLanguages(t *testing.T) {
	for _, c := range Codes() {
		t.Run(string(c), func(t *testing.T) {
			en, zh := New(c).Document("en", "/x", "1"), New(c).Document("zh", "/x", "1")
			if en.Title == "" || en.Detail == "" || han(en.Title+en.Detail) {
				t.Errorf("English: %+v", en)
			}
			if !han(zh.Title) || !han(zh.Detail) {
				t.Errorf("Chinese: %+v", zh)
			}
			if en.Status < 400 || http.StatusText(en.Status) == "" || en.Type != "/problems/"+string(c) {
				t.Errorf("%+v", en)
			}
		})
	}
}

func TestWrite(t *testing.T) {
	w := httptest.NewRecorder()
	w.Header().Set("Content-Length", "99")
	New(Throttled).After(1500*time.Millisecond).Write(w, "zh", "/a", "r1")
	h := w.Result().Header
	if h.Get("Retry-After") != "2" || h.Get("Content-Language") != "zh" || h.Get("Content-Length") != "" || w.Code != 429 {
		t.Errorf("%d %v", w.Code, h)
	}
	w = httptest.NewRecorder()
	New(Unauthenticated).Write(w, "en", "/a", "r1")
	if w.Result().Header.Get("WWW-Authenticate") == "" {
		t.Error("no WWW-Authenticate")
	}
}

func TestFrom(t *testing.T) {
	cause := errors.New("disk on fire")
	if p := From(fmt.Errorf("while reading: %w", New(Busy).Because(cause))); p.Code != Busy || !errors.Is(p, cause) {
		t.Errorf("got %v", p)
	}
	p := From(cause)
	if p.Code != Internal || strings.Contains(p.Document("en", "", "").Detail, "fire") {
		t.Errorf("got %v", p)
	}
	if !strings.Contains(Newf(Busy, "%d left", "剩 %d 个", 3).Document("zh", "", "").Detail, "剩 3 个") {
		t.Error("own words are not used")
	}
	if Code("new one").Known() || New("new one").Status() != 500 {
		t.Error("an unknown code is not internal")
	}
}

func TestLanguage(t *testing.T) {
	for accept, want := range map[string]string{
		"": "en", "zh": "zh", "zh-CN": "zh", "zh-Hant-TW": "zh", "en-GB,en;q=0.9": "en", "zh;q=0.3,en;q=0.8": "en",
		"de,zh;q=0.5": "zh", "de": "en", "*": "en", "\xff;;q=": "en", "fr-CH, fr;q=0.9, zh;q=0.8, en;q=0.7": "zh",
	} {
		if got := Language(accept); got != want {
			t.Errorf("%q: got %s, want %s", accept, got, want)
		}
	}
}

func FuzzLanguage(f *testing.F) {
	f.Add("zh-CN,zh;q=0.9,en;q=0.8")
	f.Fuzz(func(t *testing.T, accept string) {
		if got := Language(accept); got != "zh" && got != "en" {
			t.Errorf("%q: got %q", accept, got)
		}
	})
}
