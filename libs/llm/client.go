// Package llm talks to one OpenAI-compatible server: it sends one request and returns its Timeline, and
// lists models. It knows HTTP, server-sent events and the shapes of answers, not why a request is made.
package llm

import (
	"crypto/tls"
	"net"
	"net/http"
	"time"
)

// Options decide how a Client connects.
type Options struct {
	Insecure bool          // accept any certificate
	Connect  time.Duration // for TCP, and again for TLS; default 10 s
	Conns    int           // most idle connections kept; default 16
}

// Client sends requests over HTTP/1.1 connections of its own. It may be used concurrently.
type Client struct {
	http      *http.Client
	transport *http.Transport
}

// idleTimeout is below the 5 s after which llama.cpp closes an idle connection: reusing one that the
// server is just closing looks like a failure of the server.
const idleTimeout = 4 * time.Second

// New makes a client. It uses no proxy: a measurement through one would be of the proxy. It follows no
// redirect: a key must not travel to a host nobody named.
func New(o Options) *Client {
	if o.Connect <= 0 {
		o.Connect = 10 * time.Second
	}
	if o.Conns <= 0 {
		o.Conns = 16
	}
	t := &http.Transport{
		Proxy:               nil,
		DialContext:         (&net.Dialer{Timeout: o.Connect, KeepAlive: 15 * time.Second}).DialContext,
		TLSClientConfig:     &tls.Config{InsecureSkipVerify: o.Insecure, MinVersion: tls.VersionTLS12}, //nolint:gosec // the user's choice, shown in the preflight
		TLSHandshakeTimeout: o.Connect,
		DisableCompression:  true, // a compressed stream arrives in blocks
		MaxIdleConns:        o.Conns,
		MaxIdleConnsPerHost: o.Conns,
		IdleConnTimeout:     idleTimeout,
	}
	refuse := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Client{transport: t, http: &http.Client{Transport: t, CheckRedirect: refuse}}
}

// Close closes idle connections.
func (c *Client) Close() { c.transport.CloseIdleConnections() }
