package preflight

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/url"
	"strings"
	"time"

	"plimsoll.internal/libs/failure"
)

// dns finds the addresses of the target's host.
func dns(ctx context.Context, l *look) verdict {
	u, err := url.Parse(l.Spec.Target.URL)
	if err != nil || u.Hostname() == "" {
		return failed(failure.New(failure.BadRequest, "target.url is not a URL with a host"))
	}
	port := u.Port()
	if port == "" {
		port = "80"
		if u.Scheme == "https" {
			port = "443"
		}
	}
	l.address = net.JoinHostPort(u.Hostname(), port)
	if net.ParseIP(u.Hostname()) != nil {
		return ok("%s is an address", u.Hostname())
	}
	ctx, cancel := context.WithTimeout(ctx, time.Duration(l.Spec.Timeouts.Connect))
	defer cancel()
	found, err := net.DefaultResolver.LookupHost(ctx, u.Hostname())
	if err != nil {
		return failed(failure.New(failure.DNS, "%v", err))
	}
	return ok("%s is %s", u.Hostname(), strings.Join(found[:min(len(found), 4)], ", "))
}

// tcp opens a connection and closes it.
func tcp(ctx context.Context, l *look) verdict {
	began := time.Now()
	conn, err := l.dial(ctx)
	if err != nil {
		return failed(ofNetwork(err))
	}
	took := time.Since(began)
	_ = conn.Close() // it served its purpose
	return ok("%s accepted in %.1f ms", l.address, ms(took))
}

func (l *look) dial(ctx context.Context) (net.Conn, error) {
	d := net.Dialer{Timeout: time.Duration(l.Spec.Timeouts.Connect)}
	return d.DialContext(ctx, "tcp", l.address)
}

// soon is when a certificate is about to expire.
const soon = 7 * 24 * time.Hour

// tlsHandshake looks at the certificate.
func tlsHandshake(ctx context.Context, l *look) verdict {
	u, err := url.Parse(l.Spec.Target.URL)
	if err != nil || u.Scheme != "https" {
		return skipped("the target speaks plain http")
	}
	conn, err := l.dial(ctx)
	if err != nil {
		return failed(ofNetwork(err))
	}
	defer func() { _ = conn.Close() }()
	ctx, cancel := context.WithTimeout(ctx, time.Duration(l.Spec.Timeouts.Connect))
	defer cancel()
	secure := tls.Client(conn, &tls.Config{
		ServerName: u.Hostname(), MinVersion: tls.VersionTLS12,
		InsecureSkipVerify: !*l.Spec.Target.TLSVerify, //nolint:gosec // the user's choice, told as a warning
	})
	if err := secure.HandshakeContext(ctx); err != nil {
		if f := ofNetwork(err); f.Class != failure.Unknown && f.Class != failure.StreamTruncated {
			return failed(f)
		}
		return failed(failure.New(failure.TLS, "%v", err)) // whatever breaks a handshake is about TLS
	}
	state := secure.ConnectionState()
	leaf := state.PeerCertificates[0]
	seen := tls.VersionName(state.Version) + ", certificate of " + holder(leaf) + " until " + leaf.NotAfter.UTC().Format(time.DateOnly)
	switch {
	case !*l.Spec.Target.TLSVerify:
		return warn("%s, not verified because target.tls_verify is false", seen)
	case time.Until(leaf.NotAfter) < soon:
		return warn("%s: it expires within a week", seen)
	}
	return ok("%s", seen)
}

// holder names whom a certificate is for.
func holder(c *x509.Certificate) string {
	if len(c.DNSNames) > 0 {
		return c.DNSNames[0]
	}
	return c.Subject.String()
}

func ofNetwork(err error) *failure.Failure { return failure.New(failure.OfError(err), "%v", err) }

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
