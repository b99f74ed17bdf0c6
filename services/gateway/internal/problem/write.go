package problem

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"golang.org/x/text/language"
)

// Document is a refusal as the client reads it.
type Document struct {
	Type      string          `json:"type"`
	Title     string          `json:"title"`
	Status    int             `json:"status"`
	Detail    string          `json:"detail,omitempty"`
	Instance  string          `json:"instance,omitempty"`
	Code      Code            `json:"code"`
	RequestID string          `json:"request_id"`
	Retryable bool            `json:"retryable"`
	Errors    []DocumentError `json:"errors,omitempty"`
}

// DocumentError is one Fault as the client reads it.
type DocumentError struct {
	Pointer string `json:"pointer"`
	Code    string `json:"code"`
	Detail  string `json:"detail"`
	Fix     string `json:"fix,omitempty"`
}

// Document renders the refusal in a language ("zh" or "en").
func (e *Error) Document(lang, instance, requestID string) Document {
	about := e.Code.entry()
	d := Document{
		Type: typeRoot + string(e.Code), Title: about.title.In(lang), Status: about.status,
		Detail: about.detail.In(lang), Instance: instance, Code: e.Code, RequestID: requestID,
		Retryable: about.retryable,
	}
	if e.Detail != nil {
		d.Detail = e.Detail.In(lang)
	}
	for _, f := range e.Errors {
		d.Errors = append(d.Errors, DocumentError{f.Pointer, f.Code, f.Detail.In(lang), f.Fix.In(lang)})
	}
	return d
}

// Write answers with the refusal.
func (e *Error) Write(w http.ResponseWriter, lang, instance, requestID string) {
	h := w.Header()
	for _, name := range []string{"Content-Length", "Content-Disposition", "ETag", "Digest"} {
		h.Del(name) // of an answer that was begun
	}
	h.Set("Content-Type", "application/problem+json")
	h.Set("Content-Language", lang)
	h.Add("Vary", "Accept-Language")
	h.Set("Cache-Control", "no-store")
	if e.RetryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(int((e.RetryAfter+time.Second-1)/time.Second)))
	}
	if e.Allow != "" {
		h.Set("Allow", e.Allow)
	}
	if e.Status() == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", `Bearer realm="plimsoll"`)
	}
	w.WriteHeader(e.Status())
	_ = json.NewEncoder(w).Encode(e.Document(lang, instance, requestID)) // the client may be gone
}

// Language chooses "zh" or "en" by an Accept-Language header; English when it asks for neither.
func Language(accept string) string {
	tags, _, err := language.ParseAcceptLanguage(accept)
	if err != nil || len(tags) == 0 {
		return "en"
	}
	for _, t := range tags { // best first
		switch base, _ := t.Base(); base.String() {
		case "zh":
			return "zh"
		case "en":
			return "en"
		}
	}
	return "en"
}
