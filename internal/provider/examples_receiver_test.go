package provider

import (
	"bufio"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

const (
	receiverFiles = "receiver/"
	event         = `{"eventName":"Invoice.Paid","entityName":"Invoice","objectId":"inv1","data":{"amount":1}}`

	// mirrorVariable names a folder with provider packages, as `terraform providers mirror` lays it out.
	mirrorVariable = "WINGSPAN_TEST_PROVIDER_MIRROR"
)

// receiverExamples are those that receive what Wingspan sends.
func receiverExamples() []exampleTest {
	python := []string{receiverFiles + "receiver.py", receiverFiles + "signature.py", receiverFiles + "events.py"}

	return []exampleTest{
		{name: "receiver", files: python, run: testReceiver},
		{name: "receiver on AWS", files: append([]string{
			"receiver-aws/main.tf", "receiver-aws/secret.tf", "receiver-aws/variables.tf", "receiver-aws/outputs.tf", "receiver-aws/versions.tf", "receiver-aws/handler.py",
		}, python...), since: 11, run: testReceiverOnAWS},
	}
}

// python starts a command, or skips where there is no interpreter that knows the syntax.
func (e *exampleRun) python(args ...string) *exec.Cmd {
	e.t.Helper()
	path, err := exec.LookPath("python3")
	if err != nil || exec.CommandContext(e.t.Context(), path, "-c", "import sys; sys.exit(sys.version_info < (3, 10))").Run() != nil {
		e.t.Skip("the receivers need python3, 3.10 or later: only the syntax of the Terraform configuration was checked")
	}
	cmd := exec.CommandContext(e.t.Context(), path, append([]string{"-B"}, args...)...)
	cmd.Dir = e.w.Dir

	return cmd
}

func signed(secret, body string) []byte {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(body))

	return mac.Sum(nil)
}

// receiver is a running receiver.py.
type receiver struct {
	*exampleRun
	url   string
	lines *bufio.Scanner
}

func (e *exampleRun) receiver(env ...string) *receiver {
	e.t.Helper()
	cmd := e.python("receiver.py")
	cmd.Env = append(os.Environ(), "PORT=0", "WEBHOOK_SECRET="+fakeSecret)
	cmd.Env = append(cmd.Env, env...)
	stderr, err := cmd.StderrPipe()
	if err != nil {
		e.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		e.t.Fatal(err)
	}
	e.t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	r := &receiver{exampleRun: e, lines: bufio.NewScanner(stderr)}
	r.url = strings.TrimPrefix(r.line(), "listening on ")

	return r
}

// line waits for what the receiver logs next.
func (r *receiver) line() string {
	r.t.Helper()
	if !r.lines.Scan() {
		r.t.Fatalf("the receiver ended: %v", r.lines.Err())
	}

	return r.lines.Text()
}

// deliver posts a body, and wants the status and then these lines of the log.
func (r *receiver) deliver(body, signature string, status int, lines ...string) {
	r.t.Helper()
	r.send(fmt.Sprintf("Content-Length: %d\r\nX-Example-Signature: %s", len(body), signature), body, status)
	for _, want := range lines {
		if got := r.line(); got != want {
			r.t.Errorf("logged %q, want %q", got, want)
		}
	}
}

// send wants the status. A server that refuses a request by its headers may reset the connection upon a body.
func (r *receiver) send(headers, body string, status int) {
	r.t.Helper()
	var dialer net.Dialer
	conn, err := dialer.DialContext(r.t.Context(), "tcp", strings.TrimPrefix(r.url, "http://"))
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := io.WriteString(conn, "POST / HTTP/1.1\r\nHost: localhost\r\n"+headers+"\r\n\r\n"+body); err != nil {
		r.t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		r.t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != status {
		r.t.Errorf("responded with %d to %q, want %d", resp.StatusCode, headers, status)
	}
}

// testReceiver runs the server and delivers what Wingspan and others may send.
func testReceiver(e *exampleRun) {
	good := hex.EncodeToString(signed(fakeSecret, event))
	headed := e.receiver("SIGNATURE_HEADER=X-Example-Signature", "WEBHOOK_SECRET_PREVIOUS="+otherSecret)
	post := headed.deliver
	post(event, good, http.StatusOK, "processed Invoice.Paid")
	post(event, good, http.StatusOK, "ignored a repeated delivery of Invoice.Paid")
	post(event, hex.EncodeToString(signed(otherSecret, event)), http.StatusOK, "ignored a repeated delivery of Invoice.Paid")
	post(event, hex.EncodeToString(signed("fake-forged-secret-123456", event)), http.StatusUnauthorized)
	post(event+" ", good, http.StatusUnauthorized)
	post(event, "", http.StatusUnauthorized)
	post(event, "\u00e9", http.StatusUnauthorized)
	again := strings.Replace(event, `"amount":1`, `"amount":2`, 1)
	post(again, "sha256="+hex.EncodeToString(signed(otherSecret, again)), http.StatusOK, "processed Invoice.Paid")
	for _, odd := range []string{"", "[]", `{"eventName":1,"objectId":"a"}`, strings.Repeat("[", 100_000)} {
		post(odd, hex.EncodeToString(signed(fakeSecret, odd)), http.StatusBadRequest)
	}
	headed.send("Content-Length: 262145", "", http.StatusRequestEntityTooLarge)
	headed.send("Content-Length: -1", "", http.StatusLengthRequired)
	headed.send("Transfer-Encoding: chunked", "", http.StatusLengthRequired)

	encoded := base64.StdEncoding.EncodeToString(signed(fakeSecret, event))
	learning := e.receiver("EVENTS_DATABASE=:memory:")
	learning.deliver(event, encoded, http.StatusUnauthorized, "set SIGNATURE_HEADER=X-Example-Signature SIGNATURE_ENCODING=base64")
	learning.deliver(event, "none", http.StatusUnauthorized, "no header contains a signature with this secret")
	learned := e.receiver("EVENTS_DATABASE=:memory:", "SIGNATURE_HEADER=X-Example-Signature", "SIGNATURE_ENCODING=base64")
	learned.deliver(event, encoded, http.StatusOK, "processed Invoice.Paid")
}

// lambdaScript calls the handler with a boto3 of its own. The code lies in one folder, as in the package.
const lambdaScript = `
import base64, hashlib, hmac, os, sys, types

class NotFound(Exception): pass
stages, sent, calls = {"AWSCURRENT": "fake-old"}, [], []
class SecretsManager:
    exceptions = types.SimpleNamespace(ResourceNotFoundException=NotFound)
    def get_secret_value(self, SecretId, VersionStage):
        assert SecretId == "arn:secret"
        calls.append(VersionStage)
        if VersionStage not in stages: raise NotFound()
        return {"SecretString": stages[VersionStage]}
class SQS:
    def send_message(self, **message): sent.append(message)
sys.modules["boto3"] = types.SimpleNamespace(client=lambda name: {"secretsmanager": SecretsManager(), "sqs": SQS()}[name])
os.environ |= {"SECRET_ID": "arn:secret", "QUEUE_URL": "https://queue", "SIGNATURE_HEADER": "X-Signature", "SIGNATURE_ENCODING": "hex"}
sys.path[:0] = ["../receiver"]
import handler

now = 1000.0
handler.time = types.SimpleNamespace(monotonic=lambda: now)
event = '{"eventName":"Invoice.Paid","objectId":"inv1","data":{"amount":1}}'
def post(body, secret, method="POST", encode=False, headers=None):
    raw = body if isinstance(body, bytes) else body.encode()
    signature = hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()
    text = base64.b64encode(raw).decode() if encode else raw.decode()
    return handler.handler({"requestContext": {"http": {"method": method}}, "headers": headers or {"x-signature": signature}, "body": text, "isBase64Encoded": encode}, None)["statusCode"]

assert post(event, "fake-old") == 200 and calls == ["AWSCURRENT", "AWSPREVIOUS"]
assert sent[0]["MessageBody"] == event and len(sent[0]["MessageDeduplicationId"]) == 64
assert post(event, "fake-old", encode=True) == 200
assert sent[0] == sent[1], "a replay has another deduplication ID"
assert post(event.replace("1}}", "2}}"), "fake-old") == 200 and sent[2]["MessageDeduplicationId"] != sent[0]["MessageDeduplicationId"]
assert post(event.replace("Paid", "Sent"), "fake-old") == 200 and sent[3]["MessageDeduplicationId"] != sent[0]["MessageDeduplicationId"]
assert len(calls) == 2, "the secrets are cached"

assert post(event, "fake-forged") == 401
stages.update(AWSCURRENT="fake-new", AWSPREVIOUS="fake-old")
assert post(event, "fake-new") == 401 and len(calls) == 2, "forged events must not cause a read each"
now += 11
assert post(event, "fake-new") == 200, "a secret that is newer than the cache"
assert post(event, "fake-old") == 200, "the previous secret"
stages.update(AWSCURRENT="fake-newest", AWSPREVIOUS="fake-new")
now += 301
assert post(event, "fake-old") == 401, "a secret that was rotated twice"

assert post(event, "fake-new", headers={"other": "1"}) == 401
assert post(event, "fake-new", method="GET") == 405
assert post(" " * 300_000, "fake-new") == 413
for odd in ("", "{}", "[]", '{"eventName":1,"objectId":"a"}'):
    assert post(odd, "fake-new") == 400, odd
assert post('{"eventName":"a","objectId":"b"}'.encode("utf-16"), "fake-new", encode=True) == 400
assert len(sent) == 6, len(sent)
os.environ["SIGNATURE_HEADER"] = ""
assert post(event, "fake-new") == 401 and len(sent) == 6
`

// testReceiverOnAWS runs the function's code always, and validates the configuration where the provider for AWS is at hand. Terraform
// can't mock ephemeral resources, so that a plan would need an account.
func testReceiverOnAWS(e *exampleRun) {
	out, err := e.python("-c", lambdaScript).CombinedOutput()
	if err != nil {
		e.t.Fatalf("%v\n%s", err, out)
	}
	if want := "signature_header, signature_encoding: ('x-signature', 'hex')"; !strings.Contains(string(out), want) {
		e.t.Errorf("the function does not log %q:\n%s", want, out)
	}

	mirror := os.Getenv(mirrorVariable)
	if mirror == "" {
		e.t.Skipf("set %s to a folder with the hashicorp/aws provider to validate the configuration too: only its syntax was checked", mirrorVariable)
	}
	e.validateWith(mirror)
}

// validateWith installs the other providers of the configuration from a mirror.
func (e *exampleRun) validateWith(mirror string) {
	e.t.Helper()
	config := filepath.Join(e.t.TempDir(), "mirror.tfrc")
	err := errors.Join(os.WriteFile(filepath.Join(e.w.Dir, "receiver.zip"), nil, 0o600),
		os.WriteFile(config, fmt.Appendf(nil, "provider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", mirror), 0o600))
	if err != nil {
		e.t.Fatal(err)
	}
	e.w.Env = append(e.w.Env, "TF_CLI_CONFIG_FILE="+config)
	e.cli("init")
	e.t.Log(e.cli("validate"))
}
