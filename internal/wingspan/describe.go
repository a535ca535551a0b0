package wingspan

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/textproto"
	"slices"
	"strings"
	"syscall"
)

const (
	// maxHost bounds a host name in errors, in bytes.
	maxHost = 100

	lostConnection = "connection closed before the response was complete"
)

// describedError is an error with a text of our own, which can be shown: that of its cause may quote the server, or means little to a user.
type describedError struct {
	text  string
	cause error
	// fatal: another attempt would fail in the same way.
	fatal bool
}

func (e *describedError) Error() string { return e.text }

func (e *describedError) Unwrap() error { return e.cause }

var (
	errTooLarge    = &describedError{text: "the response is larger than 8 MiB", fatal: true}
	errNotLoopback = &describedError{text: "the host of base_url is not at a loopback address, and http is for loopback addresses only", fatal: true}
	errProxyURL    = &describedError{text: "the proxy URL in the environment (HTTPS_PROXY or https_proxy) is not valid", fatal: true}
)

// isFatal reports whether another attempt would fail in the same way.
func isFatal(err error) bool {
	if described, ok := errors.AsType[*describedError](err); ok {
		return described.fatal
	}
	_, untrusted := errors.AsType[*tls.CertificateVerificationError](err)

	return untrusted || isAlert(err, alertCertificateRequired, alertBadCertificate)
}

// describeEnd is the end of the caller's context.
func describeEnd(err error) error {
	if errors.Is(err, context.Canceled) {
		return &describedError{text: "the run was interrupted", cause: err}
	}

	return err
}

// describe gives a failed attempt a text of a fixed vocabulary. The texts of net/http, and of what it wraps, quote what the server
// sent, which may be a secret.
func describe(err error) error {
	if described, ok := errors.AsType[*describedError](err); ok {
		return described
	}

	return &describedError{text: describeNetwork(err), cause: err}
}

func describeNetwork(err error) string {
	var (
		dns         *net.DNSError
		op          *net.OpError
		errno       syscall.Errno
		timeout     net.Error
		verify      *tls.CertificateVerificationError
		record      tls.RecordHeaderError
		viaProxy    string
		description string
	)
	if errors.As(err, &op) && op.Op == "proxyconnect" {
		viaProxy = "could not connect to the proxy: "
	}

	switch {
	case errors.Is(err, context.Canceled):
		description = "canceled"
	case errors.As(err, &verify):
		description = describeCertificate(verify)
	case isAlert(err, alertCertificateRequired, alertBadCertificate):
		description = "the server requires a client certificate, which this provider doesn't support"
	case isAlert(err, alertHandshake):
		description = "the server rejected the TLS handshake; it may require a client certificate, which this provider doesn't support"
	case isAlert(err, alertVersion):
		description = "the server doesn't support TLS 1.2 or later"
	case isAlert(err):
		description = "the server ended the TLS connection"
	case errors.As(err, &record), errors.Is(err, http.ErrSchemeMismatch):
		description = "the server does not speak TLS at this address"
	case errors.As(err, &dns) && dns.IsNotFound:
		description = fmt.Sprintf("host %q not found", printable(dns.Name, maxHost))
	case errors.As(err, &dns):
		description = fmt.Sprintf("looking up host %q failed", printable(dns.Name, maxHost))
	case errors.As(err, &errno):
		description = errno.Error()
	case errors.As(err, &timeout) && timeout.Timeout():
		description = "the connection timed out"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		description = lostConnection
	default:
		description = describeType(err)
	}

	return viaProxy + description
}

func describeCertificate(err error) string {
	var (
		host    x509.HostnameError
		expired x509.CertificateInvalidError
	)

	switch {
	case errors.As(err, &host):
		return "the server's certificate is for another host"
	case errors.As(err, &expired) && expired.Reason == x509.Expired:
		return "the server's certificate has expired or is not valid yet; check the clock of this machine"
	default:
		return "the server's certificate is not trusted; if a private certificate authority issued it, add it to the system's " +
			"trust store, or set SSL_CERT_FILE to its file (not on Windows or macOS)"
	}
}

// crypto/tls does not export the type of alerts. Their texts are its own.
const (
	alertCertificateRequired = "tls: certificate required"
	alertBadCertificate      = "tls: bad certificate"
	alertHandshake           = "tls: handshake failure"
	alertVersion             = "tls: protocol version not supported"
)

// isAlert reports whether the server ended the TLS connection with one of the alerts; without any, with whatever alert.
func isAlert(err error, texts ...string) bool {
	var op *net.OpError

	return errors.As(err, &op) && op.Op == "remote error" && (len(texts) == 0 || slices.Contains(texts, op.Err.Error()))
}

// describeType is for errors of types that net/http does not export, which have nothing but a text.
func describeType(err error) string {
	var header textproto.ProtocolError
	for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(err) {
		err = inner
	}
	kind, text := fmt.Sprintf("%T", err), err.Error()

	switch {
	case errors.Is(err, net.ErrClosed), text == "http: server closed idle connection":
		return lostConnection
	case strings.HasPrefix(text, "malformed HTTP "), strings.Contains(text, "chunk"), errors.As(err, &header):
		return "the response is not valid HTTP"
	case text == "http2: client connection lost":
		return "the HTTP/2 connection was lost"
	case strings.HasPrefix(kind, "http.http2"), strings.HasPrefix(text, "http2: "):
		return "the HTTP/2 stream or connection failed"
	default:
		return fmt.Sprintf("the request failed (%s)", kind)
	}
}
