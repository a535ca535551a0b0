package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const nobody = "0123456789ABCDEF0123456789ABCDEF01234567"

func TestSigningKeysThatAreMissingOrWrong(t *testing.T) {
	t.Parallel()
	key := newSigner(t, "rsa2048", "")

	t.Run("a good one passes", func(t *testing.T) {
		t.Parallel()
		if err := key.check(t.Context()); err != nil {
			t.Error(err)
		}
	})
	for _, tt := range []struct {
		name   string
		key    signer
		advice []string
	}{
		{"not set", signer{key.keyring, ""}, []string{"GPG_FINGERPRINT is not set", "Cut a release"}},
		{"an e-mail address", signer{key.keyring, "nobody@example.invalid"}, []string{"is no fingerprint", "gpg --list-secret-keys"}},
		{"a short id", signer{key.keyring, key.fingerprint[24:]}, []string{"is no fingerprint"}},
		{"another key than the registries know", signer{key.keyring, nobody}, []string{"the wrong signing key: the keyring holds " + key.fingerprint, "know " + nobody, "Import the private key of " + nobody}},
		{"an empty keyring", signer{emptyKeyring(t), nobody}, []string{"holds no secret key at all", "the secret GPG_PRIVATE_KEY"}},
		{"a kind that the registry refuses", newSigner(t, "ed25519", ""), []string{"neither RSA nor DSA", "rsa4096"}},
		{"expired", newSigner(t, "rsa2048", "", "--faked-system-time", "20200101T000000"), []string{"has expired", "gpg --quick-set-expire"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			wantError(t, tt.key.check(t.Context()), tt.advice...)
		})
	}
}

func TestSignatures(t *testing.T) {
	t.Parallel()
	key, other := newSigner(t, "rsa2048", ""), newSigner(t, "rsa3072", "")
	file := filepath.Join(t.TempDir(), "SHA256SUMS")
	write(t, file, "the sums\n")
	if _, err := key.gpg(t.Context(), "--local-user", key.fingerprint, "--detach-sign", file); err != nil {
		t.Fatal(err)
	}
	if err := key.verify(t.Context(), file+".sig", file); err != nil {
		t.Fatal(err)
	}

	tampered := filepath.Join(t.TempDir(), "SHA256SUMS")
	write(t, tampered, "other sums\n")
	wantError(t, key.verify(t.Context(), file+".sig", tampered), "the signature of SHA256SUMS is bad")
	wantError(t, other.verify(t.Context(), file+".sig", file), "bad", "No public key")
	wantError(t, signer{key.keyring, nobody}.verify(t.Context(), file+".sig", file), "is not by "+nobody)
	wantError(t, signer{key.keyring, ""}.verify(t.Context(), file+".sig", file), "GPG_FINGERPRINT is not set")
	wantError(t, key.verify(t.Context(), file+".gone", file), "read the signature")

	if _, err := key.gpg(t.Context(), "--local-user", key.fingerprint, "--armor", "--detach-sign", file); err != nil {
		t.Fatal(err)
	}
	wantError(t, key.verify(t.Context(), file+".asc", file), "no binary signature")
}

func TestKeyringsLeaveNothing(t *testing.T) {
	t.Parallel()
	needGPG(t)
	key, err := throwAwayKey(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := key.close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(key.home); !os.IsNotExist(err) {
		t.Errorf("%s is still there: %v", key.home, err)
	}
}

// The workflow's own script is run, as it is the one place that handles the real key.
func TestTheWorkflowsKeyring(t *testing.T) {
	t.Parallel()
	const passphrase = "fake-passphrase-of-a-test"
	key := newSigner(t, "rsa2048", passphrase)
	armoured, err := key.gpg(t.Context(), "--pinentry-mode", "loopback", "--passphrase", passphrase, "--armor", "--export-secret-keys", key.fingerprint)
	if err != nil {
		t.Fatal(err)
	}
	var action struct {
		Runs struct {
			Steps []struct{ Run string }
		}
	}
	readYAML(t, filepath.Join(here(t).root, ".github", "actions", "signing-key", "action.yml"), &action)
	if len(action.Runs.Steps) != 1 {
		t.Fatalf("the action has %d steps, want 1", len(action.Runs.Steps))
	}

	for _, tt := range []struct {
		name, key, passphrase string
		advice                []string
	}{
		{name: "the key and its passphrase", key: armoured, passphrase: passphrase},
		{name: "no passphrase", key: armoured, advice: []string{"does not sign", "the secret PASSPHRASE"}},
		{name: "another passphrase", key: armoured, passphrase: "fake-other-passphrase", advice: []string{"does not sign", "the secret PASSPHRASE"}},
		{name: "no key, as in a fork", advice: []string{"holds no secret key at all", "the secret GPG_PRIVATE_KEY"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			// The socket's path must stay short here too.
			temp := emptyKeyring(t)
			env := filepath.Join(t.TempDir(), "env")
			cmd := exec.CommandContext(t.Context(), "bash", "-eo", "pipefail", "-c", action.Runs.Steps[0].Run)
			cmd.Env = append(os.Environ(), "RUNNER_TEMP="+temp.home, "GITHUB_ENV="+env, "PRIVATE_KEY="+tt.key, "PASSPHRASE="+tt.passphrase)
			out, err := cmd.CombinedOutput()
			// A wrong passphrase may already stop the import: that ends the job as well.
			if err != nil && len(tt.advice) == 0 {
				t.Fatalf("%v\n%s", err, out)
			}
			if strings.Contains(string(out), "PRIVATE KEY") || strings.Contains(string(out), passphrase) {
				t.Errorf("the script printed a secret:\n%s", out)
			}

			ring := keyring{strings.TrimPrefix(strings.TrimSpace(read(t, env)), "GNUPGHOME=")}
			t.Cleanup(func() {
				if err := ring.close(); err != nil {
					t.Error(err)
				}
			})
			ring.endAgent(t.Context()) // A passphrase that it remembers from the import would help out.
			err = signer{ring, key.fingerprint}.check(t.Context())
			if len(tt.advice) == 0 {
				if err != nil {
					t.Error(err)
				}

				return
			}
			wantError(t, err, tt.advice...)
		})
	}
}
