package wingspantest

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
)

// newCertificate returns the one for loopback addresses that comes with Go.
func newCertificate() *tls.Certificate {
	owner := httptest.NewTLSServer(nil)
	defer owner.Close()
	certificate := owner.TLS.Certificates[0]
	certificate.Leaf = owner.Certificate()
	return &certificate
}

// CertPool trusts the certificate of a server that NewTLS started, and nothing else.
func (s *Server) CertPool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(s.CertPEM())
	return pool
}

// CertPEM is that certificate for a file that SSL_CERT_FILE names, with which a process of its own trusts it.
func (s *Server) CertPEM() []byte {
	if s.cert == nil {
		return nil
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.cert.Raw})
}

// Transport returns a new transport that trusts the server and speaks HTTP/2 with it, with or without TLS.
func (s *Server) Transport() *http.Transport {
	transport := &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: s.CertPool(), MinVersion: tls.VersionTLS12},
		Protocols:       new(http.Protocols),
	}
	transport.Protocols.SetHTTP2(true)
	transport.Protocols.SetUnencryptedHTTP2(true)
	return transport
}
