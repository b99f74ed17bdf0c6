package front

import (
	"log/slog"
	"net"
	"net/http"
	"regexp"
	"runtime/debug"
	"time"

	"plimsoll.internal/services/gateway/internal/problem"
	"plimsoll.internal/services/gateway/internal/rest"
)

// requestID is what we take from others as a request id: it ends up in logs and events.
var requestID = regexp.MustCompile(`^[A-Za-z0-9._:-]{1,128}$`)

// outer wraps every request: who it is, headers, log, panics.
func (f Front) outer(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		c := &rest.Caller{
			RequestID: r.Header.Get("X-Request-Id"), Lang: problem.Language(r.Header.Get("Accept-Language")),
			RemoteIP: remoteIP(r), Path: r.URL.Path,
		}
		if !requestID.MatchString(c.RequestID) {
			c.RequestID, _ = rest.NewID() // an id is only missing when the system has no randomness
		}
		r = r.WithContext(rest.WithCaller(r.Context(), c))
		out := &recorder{ResponseWriter: w}
		secure(out.Header(), c.RequestID)
		defer f.log(r, c, out, start)
		defer f.rescue(out, r)
		next.ServeHTTP(out, r)
	})
}

// rescue turns a panic into an answer, or breaks the connection off when an answer was begun.
func (f Front) rescue(w *recorder, r *http.Request) {
	v := recover()
	if v == nil {
		return
	}
	if v == http.ErrAbortHandler { //nolint:errorlint // the value net/http itself compares with
		panic(v)
	}
	f.Log.Error("handler panicked", "path", r.URL.Path, "request_id", rest.CallerOf(r.Context()).RequestID,
		"panic", v, "stack", string(debug.Stack()))
	if w.status != 0 {
		panic(http.ErrAbortHandler)
	}
	f.refuse(w, r, problem.New(problem.Internal))
}

// log writes the access log. It holds no query, header or body: they may carry secrets.
func (f Front) log(r *http.Request, c *rest.Caller, w *recorder, start time.Time) {
	level := slog.LevelInfo
	if r.URL.Path == "/livez" || r.URL.Path == "/readyz" {
		level = slog.LevelDebug
	}
	f.Log.Log(r.Context(), level, "request", "method", r.Method, "path", r.URL.Path, "status", w.status,
		"bytes", w.bytes, "duration_ms", float64(time.Since(start).Microseconds())/1000,
		"request_id", c.RequestID, "user", c.User.ID, "remote_ip", c.RemoteIP)
}

func secure(h http.Header, id string) {
	h.Set("X-Request-Id", id)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	// Answers of the API run nothing; the pages of the UI widen this for themselves.
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
}

// remoteIP is the address of the connection. What a proxy claims is not believed: throttling counts by it.
func remoteIP(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// recorder remembers what was answered, for the log.
type recorder struct {
	http.ResponseWriter
	status int
	bytes  int64
}

// WriteHeader notes the status.
func (w *recorder) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write counts the bytes.
func (w *recorder) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(b)
	w.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }
