package failure

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
)

// OfStatus names the failure behind an HTTP status and the body that came with it; "" for 2xx.
func OfStatus(code int, body string) Class {
	text := strings.ToLower(body)
	switch {
	case code >= 200 && code < 300:
		return ""
	case code == http.StatusUnauthorized, code == http.StatusForbidden, code == http.StatusProxyAuthRequired:
		return Auth
	case code == http.StatusRequestEntityTooLarge, code >= 400 && aboutContext(text):
		return ContextLength
	case code == http.StatusNotFound, code == http.StatusBadRequest && strings.Contains(text, "model_not_found"):
		return NotFound
	case code == http.StatusTooManyRequests:
		return RateLimited
	case code == http.StatusRequestTimeout:
		return TotalTimeout
	case code >= 400 && code < 500:
		if strings.Contains(text, "content_filter") || strings.Contains(text, "content_policy") {
			return ContentFilter
		}
		return BadRequest
	case code == http.StatusBadGateway, code == http.StatusServiceUnavailable,
		code == http.StatusGatewayTimeout, code == 529: // 529: overloaded, used by some gateways
		return Unavailable
	case code >= 500 && code < 600:
		return ServerError
	}
	return Unknown
}

// aboutContext finds the ways servers say that the context is too small: OpenAI and vLLM (also inside a
// 400), SGLang, llama.cpp (also as a 500).
func aboutContext(text string) bool {
	for _, say := range []string{
		"context_length", "context length", "exceed_context_size", "context size has been exceeded",
		"exceeds the available context", "maximum context", "max_model_len", "longer than the model's context",
	} {
		if strings.Contains(text, say) {
			return true
		}
	}
	return false
}

// OfError names the failure behind an error of the network, of TLS, of a context or of this machine; ""
// for nil. An error that already is a Failure keeps its class.
func OfError(err error) Class {
	if err == nil {
		return ""
	}
	var known *Failure
	if errors.As(err, &known) {
		return known.Class
	}
	for _, of := range []func(error) Class{ofMachine, ofDNS, ofTLS, ofConnect, ofTimeout, ofStream} {
		if c := of(err); c != "" {
			return c
		}
	}
	return Unknown
}

// is reports whether err is any of the targets.
func is(err error, targets ...error) bool {
	for _, t := range targets {
		if errors.Is(err, t) {
			return true
		}
	}
	return false
}

func ofMachine(err error) Class {
	switch {
	case is(err, syscall.EMFILE, syscall.ENFILE, syscall.ENOMEM, syscall.ENOBUFS, syscall.EADDRNOTAVAIL, syscall.EAGAIN):
		return ClientResource
	case is(err, syscall.ENOSPC, syscall.EDQUOT, syscall.EROFS):
		return Storage
	}
	return ""
}

func ofDNS(err error) Class {
	var dns *net.DNSError
	if errors.As(err, &dns) && !errors.Is(err, context.Canceled) {
		return DNS
	}
	return ""
}

func ofTLS(err error) Class {
	var (
		verify    *tls.CertificateVerificationError
		record    tls.RecordHeaderError
		alert     tls.AlertError
		authority x509.UnknownAuthorityError
		host      x509.HostnameError
		invalid   x509.CertificateInvalidError
	)
	if errors.As(err, &verify) || errors.As(err, &record) || errors.As(err, &alert) ||
		errors.As(err, &authority) || errors.As(err, &host) || errors.As(err, &invalid) {
		return TLS
	}
	// net/http replaces the record error of a plain answer to a TLS hello by this text.
	if errors.Is(err, http.ErrSchemeMismatch) {
		return TLS
	}
	return ""
}

func ofConnect(err error) Class {
	if errors.Is(err, syscall.ECONNREFUSED) {
		return ConnectRefused
	}
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "dial" && !errors.Is(err, context.Canceled) {
		if op.Timeout() || is(err, syscall.EHOSTUNREACH, syscall.ENETUNREACH, syscall.ETIMEDOUT) {
			return ConnectTimeout
		}
	}
	// net/http has no exported type for this one.
	if strings.Contains(err.Error(), "TLS handshake timeout") {
		return ConnectTimeout
	}
	return ""
}

func ofTimeout(err error) Class {
	if errors.Is(err, context.Canceled) {
		return Cancelled
	}
	var timeout net.Error
	if errors.Is(err, context.DeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout() {
		return TotalTimeout
	}
	return ""
}

func ofStream(err error) Class {
	if is(err, io.EOF, io.ErrUnexpectedEOF, syscall.ECONNRESET, syscall.EPIPE, net.ErrClosed) {
		return StreamTruncated
	}
	var syntax *json.SyntaxError
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &syntax) || errors.As(err, &wrong) {
		return BadStream
	}
	return ""
}
