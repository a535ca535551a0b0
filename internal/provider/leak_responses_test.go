package provider

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Each of these has a core that no encoding for odd characters changes, and something around it that each changes in its own way.
const (
	oddToken    = "fake/token+tokencore7q4x=="
	oddPlain    = "fake plain \"secret\" \\ & <é> plaincore7q4x\n"
	oddPlain2   = "fake plain \"secret\" \\ & <é> plaintwo7q4x\n"
	oddWO       = `fake "wo" / + é wocore7q4xk`
	oddWO2      = `fake "wo" / + é wotwo7q4xkk`
	oddForeign  = `fake "foreign" & é foreign7q4x`
	oddPassword = "fake-passcore7q4x"
)

// leakEncodings are the ways in which servers quote what they were sent.
var leakEncodings = []struct {
	name   string
	encode func(string) string
}{
	{"as it is", func(s string) string { return s }},
	{"trimmed", strings.TrimSpace},
	{"JSON in JSON", func(s string) string { return inJSON(inJSON(s)) }},
	{"JSON as PHP writes it", func(s string) string { return strings.ReplaceAll(inJSON(s), "/", `\/`) }},
	{"query", url.QueryEscape},
	{"path", url.PathEscape},
	{"encodeURIComponent in a URL", func(s string) string { return url.QueryEscape(strings.ReplaceAll(url.QueryEscape(s), "+", "%20")) }},
	{"upper-case percent", func(s string) string { return eachByte(s, "%%%02X") }},
	{"lower-case percent", func(s string) string { return eachByte(s, "%%%02x") }},
	{"escapes", func(s string) string { return eachByte(s, `\x%02x`) }},
	{"Unicode escapes", func(s string) string { return eachRune(s, `\u%04X`) }},
	{"HTML", html.EscapeString},
	{"HTML in numbers", func(s string) string { return eachRune(s, "&#%d;") }},
	{"base64", func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }},
	{"base64 for URLs", func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte("user:" + s)) }},
	{"hexadecimal", func(s string) string { return hex.EncodeToString([]byte(s)) }},
	{"upper-case hexadecimal", func(s string) string { return strings.ToUpper(hex.EncodeToString([]byte(s))) }},
}

func inJSON(s string) string { quoted := spelledJSON(s); return quoted[1 : len(quoted)-1] }

var leakMethods = []string{http.MethodGet, http.MethodPatch, http.MethodDelete, http.MethodPost}

// leakAnswer is a response with secrets in it: those that the provider knows when it gets the response, and all.
type leakResponse struct {
	name  string
	write func(w http.ResponseWriter, method string, known, all []string)
}

// leakResponses are possible with HTTP/1.1 and with HTTP/2.
func leakResponses() []leakResponse {
	documented := func(w http.ResponseWriter, status int, message string) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, `{"error":`+spelledJSON(message)+`}`)
	}
	typed := func(kind string, status int, body func([]string) string) func(http.ResponseWriter, string, []string, []string) {
		return func(w http.ResponseWriter, _ string, _, all []string) {
			w.Header().Set("Content-Type", kind)
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body(all))
		}
	}
	field := func(secrets []string) string {
		return `{"preferenceId":"x","url":"https://h","sharedSecret":` + spelledJSON(join(secrets))
	}

	return []leakResponse{
		{"an encoding for each method", func(w http.ResponseWriter, method string, known, _ []string) {
			e := leakEncodings[slices.Index(leakMethods, method)] // The client's tests have the others.
			quoted := make([]string, len(known))
			for i := range known {
				quoted[i] = e.encode(known[i])
			}
			documented(w, http.StatusConflict, "bad "+join(quoted)+".")
		}},
		{"a long message", func(w http.ResponseWriter, _ string, known, _ []string) {
			documented(w, http.StatusConflict, eachByte(join(known), "%%%02x")+strings.Repeat("x ", 2<<10))
		}},
		{"a field", func(w http.ResponseWriter, _ string, _, all []string) {
			documented(w, http.StatusConflict, "rejected "+field(all)+"}")
		}},
		{"a field in a URL", func(w http.ResponseWriter, _ string, _, all []string) {
			documented(w, http.StatusConflict, "rejected "+url.QueryEscape(field(all)+"}"))
		}},
		{"headers, each twice", func(w http.ResponseWriter, _ string, known, all []string) {
			h := w.Header()
			h["X-Request-Id"], h["X-Correlation-Id"], h["X-Leak"] = []string{known[0], line(all)}, []string{line(all)}, []string{line(all), line(all)}
			h["Content-Type"] = []string{"application/json; x=" + line(all), line(all)}
			w.WriteHeader(http.StatusConflict)
		}},
		{"a redirect", func(w http.ResponseWriter, _ string, _, all []string) {
			w.Header().Set("Location", "https://bob:"+url.QueryEscape(line(all))+"@h.example.com/"+url.PathEscape(line(all))+"?s="+url.QueryEscape(line(all)))
			w.WriteHeader(http.StatusTemporaryRedirect)
		}},
		{"a trailer", func(w http.ResponseWriter, _ string, _, all []string) {
			w.Header().Set("Trailer", "X-Leak")
			w.WriteHeader(http.StatusConflict)
			_, _ = io.WriteString(w, "{")
			w.Header().Set("X-Leak", line(all))
		}},
		{"gzip", func(w http.ResponseWriter, _ string, known, _ []string) {
			var b bytes.Buffer
			z := gzip.NewWriter(&b)
			_, _ = io.WriteString(z, `{"error":`+spelledJSON(join(known))+`}`)
			_ = z.Close()
			w.Header().Set("Content-Encoding", "gzip")
			w.WriteHeader(http.StatusConflict)
			_, _ = w.Write(b.Bytes())
		}},
		{"a content type", func(w http.ResponseWriter, _ string, _, all []string) {
			typed(line(all), http.StatusConflict, join)(w, "", nil, all)
		}},
		{"text", typed("text/plain", http.StatusConflict, join)},
		{"a page", typed("text/html", http.StatusForbidden, func(all []string) string { return "<p>" + join(all) })},
		{"the preference", typed("application/json", http.StatusConflict, func(all []string) string { return field(all) + "}" })},
		{"broken JSON", typed("application/json", http.StatusOK, field)},
		{"a list", typed("application/json", http.StatusOK, func(all []string) string { return "[" + spelledJSON(join(all)) + "]" })},
		{"an ID", func(w http.ResponseWriter, _ string, known, _ []string) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, `{"preferenceId":`+spelledJSON(known[len(known)-1])+`,"url":"https://h.example.com","subscribedEvents":["Invoice.Paid"]}`)
		}},
	}
}

func join(secrets []string) string { return strings.Join(secrets, " , ") }

// line is for places where a line break would end what the response has.
func line(secrets []string) string { return strings.ReplaceAll(join(secrets), "\n", "") }

// malformedResponses are possible with HTTP/1.1 only. The client's tests have others, each for every method; what of these may reach the log
// of the process shows only here. One that the client accepts has to end its connection: the server reads no other request from it.
func malformedResponses() []leakResponse {
	var responses []leakResponse
	for name, format := range map[string]string{
		"no HTTP": "%s\r\n\r\n", "a reason": "HTTP/1.1 409 %s\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", "a header's name": "HTTP/1.1 409 Conflict\r\nX-%s: 1\r\n\r\n",
		"a cut body":         "HTTP/1.1 409 Conflict\r\nContent-Length: 5000\r\n\r\n{\"error\":\"%s",
		"a body after a 204": "HTTP/1.1 204 No Content\r\n\r\n{\"sharedSecret\":\"%s\"}\r\n",
	} {
		responses = append(responses, leakResponse{name, func(w http.ResponseWriter, _ string, _, all []string) {
			conn, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				return
			}
			// The client closes it: what comes unasked is noticed by then.
			go func() { _, _ = io.Copy(io.Discard, conn); _ = conn.Close() }()
			_, _ = fmt.Fprintf(conn, format, line(all))
			if strings.HasSuffix(format, "%s") {
				_ = conn.Close()
			}
		}})
	}

	return responses
}
