package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

const advice = "CONTRIBUTING.md says under \"Cut a release\" where the key and its fingerprint belong"

// keyring is a GnuPG home directory; the zero value is the one that the environment names.
type keyring struct{ home string }

// throwAwayKey makes a keyring with one key of the kind that the registries take. The caller calls close.
func throwAwayKey(ctx context.Context) (ring keyring, fingerprint string, err error) {
	// Not below another directory: the agent's socket lies in it, and the path of a socket has about a hundred bytes.
	home, err := os.MkdirTemp("", "wgpg")
	if err != nil {
		return keyring{}, "", fmt.Errorf("make a keyring: %w", err)
	}
	ring = keyring{home}
	defer func() {
		if err != nil {
			err = errors.Join(err, ring.close())
		}
	}()

	if _, err := ring.gpg(ctx, "--passphrase", "", "--quick-generate-key", "Throw-away key <nobody@example.invalid>", "rsa3072", "sign", "1d"); err != nil {
		return keyring{}, "", fmt.Errorf("make a throw-away signing key: %w", err)
	}
	keys, err := ring.secretKeys(ctx)
	if err != nil {
		return keyring{}, "", err
	}
	if len(keys) != 1 {
		return keyring{}, "", fmt.Errorf("make a throw-away signing key: the keyring holds %d keys, want 1", len(keys))
	}

	return ring, keys[0].fingerprint, nil
}

// close ends the keyring's agent and removes it.
func (k keyring) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	// An agent that is not there is as good as one that was ended.
	_ = exec.CommandContext(ctx, "gpgconf", "--homedir", k.home, "--kill", "all").Run()

	return os.RemoveAll(k.home)
}

// environ is the environment for programs that are to use this keyring.
func (k keyring) environ() []string {
	if k.home == "" {
		return os.Environ()
	}

	return append(os.Environ(), "GNUPGHOME="+k.home)
}

// gpg returns what it printed to standard output.
func (k keyring) gpg(ctx context.Context, args ...string) (string, error) {
	if _, err := exec.LookPath("gpg"); err != nil {
		return "", errors.New("found no gpg: install GnuPG, and run this again")
	}
	var complaint strings.Builder
	cmd := exec.CommandContext(ctx, "gpg", append([]string{"--batch", "--no-tty"}, args...)...)
	cmd.Env, cmd.Stderr = k.environ(), &complaint
	out, err := cmd.Output()
	if err != nil {
		return string(out), fmt.Errorf("gpg: %w: %s", err, strings.TrimSpace(complaint.String()))
	}

	return string(out), nil
}

type secretKey struct {
	fingerprint string
	// These are GnuPG's codes, from its file doc/DETAILS.
	validity, algorithm string
}

func (k keyring) secretKeys(ctx context.Context) ([]secretKey, error) {
	out, err := k.gpg(ctx, "--with-colons", "--list-secret-keys")
	if err != nil {
		return nil, fmt.Errorf("list the signing keys: %w", err)
	}
	var keys []secretKey
	primary := false
	for line := range strings.Lines(out) {
		fields := strings.Split(strings.TrimSpace(line), ":")
		switch {
		case fields[0] == "sec" && len(fields) > 3:
			keys = append(keys, secretKey{validity: fields[1], algorithm: fields[3]})
			primary = true
		case fields[0] == "fpr" && len(fields) > 9 && primary:
			keys[len(keys)-1].fingerprint = fields[9]
			primary = false // The fingerprints that follow are those of subkeys.
		}
	}

	return keys, nil
}

var fingerprintPattern = regexp.MustCompile(`^[0-9A-F]{40}$`)

// canSign tells what is wrong with the signing key, before goreleaser finds out half way through a release.
func (k keyring) canSign(ctx context.Context, fingerprint string) error {
	if fingerprint == "" {
		return errors.New("there is no signing key: " + fingerprintVariable + " is not set\n" +
			"Set it to the fingerprint of the key that the registries know. " + advice)
	}
	if !fingerprintPattern.MatchString(fingerprint) {
		return fmt.Errorf("%s is %q, which is no fingerprint: it has 40 digits from 0-9 and A-F, without blanks\n"+
			"`gpg --list-secret-keys` shows it. %s", fingerprintVariable, fingerprint, advice)
	}
	keys, err := k.secretKeys(ctx)
	if err != nil {
		return err
	}
	var others []string
	for _, key := range keys {
		if key.fingerprint == fingerprint {
			if err := key.usable(); err != nil {
				return err
			}

			return k.trySigning(ctx, fingerprint)
		}
		others = append(others, key.fingerprint)
	}
	if len(others) == 0 {
		return fmt.Errorf("the keyring holds no secret key at all, and so not %s\nImport the private key (in the workflow: the secret GPG_PRIVATE_KEY). %s", fingerprint, advice)
	}

	return fmt.Errorf("the wrong signing key: the keyring holds %s, but the registries know %s\n"+
		"Import the private key of %[2]s, or correct %[3]s if the registries know the other. %[4]s",
		strings.Join(others, " and "), fingerprint, fingerprintVariable, advice)
}

func (s secretKey) usable() error {
	switch s.validity {
	case "e":
		return fmt.Errorf("the signing key %s has expired: extend it (gpg --quick-set-expire), and give the registries the new public key", s.fingerprint)
	case "r", "d", "i":
		return fmt.Errorf("the signing key %s is revoked, disabled or invalid: make a new one, and give the registries its public key", s.fingerprint)
	}
	// RSA and DSA. GnuPG's own default is none of them.
	switch s.algorithm {
	case "1", "3", "17":
		return nil
	}

	return fmt.Errorf("the signing key %s is neither RSA nor DSA, which is all that the Terraform registry takes: "+
		"make one with `gpg --quick-generate-key NAME rsa4096 sign`, and give the registries its public key", s.fingerprint)
}

// trySigning signs something that is thrown away: that finds a missing or wrong passphrase.
func (k keyring) trySigning(ctx context.Context, fingerprint string) error {
	dir, err := os.MkdirTemp("", "release-check")
	if err != nil {
		return fmt.Errorf("try the signing key: %w", err)
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "probe")
	if err := os.WriteFile(file, []byte("probe\n"), 0o600); err != nil {
		return fmt.Errorf("try the signing key: %w", err)
	}
	if _, err := k.gpg(ctx, "--local-user", fingerprint, "--detach-sign", file); err != nil {
		return fmt.Errorf("the key %s does not sign: %w\nCheck its passphrase (in the workflow: the secret PASSPHRASE). %s", fingerprint, err, advice)
	}

	return nil
}

// verify checks a detached binary signature, and that this very key made it. An empty fingerprint is refused.
func (k keyring) verify(ctx context.Context, signature, file, fingerprint string) error {
	content, err := os.ReadFile(signature)
	if err != nil {
		return fmt.Errorf("read the signature: %w", err)
	}
	// The first bit of a packet is set; that of an armoured signature's first letter is not.
	if len(content) == 0 || content[0]&0x80 == 0 {
		return fmt.Errorf("%s is no binary signature: the registries do not read an armoured one", filepath.Base(signature))
	}
	out, err := k.gpg(ctx, "--status-fd", "1", "--verify", signature, file)
	if err != nil {
		return fmt.Errorf("the signature of %s is bad: %w", filepath.Base(file), err)
	}
	for line := range strings.Lines(out) {
		fields := strings.Fields(line)
		// The last field is the primary key's fingerprint, which a subkey may have signed for.
		if len(fields) > 2 && fields[1] == "VALIDSIG" && fingerprint != "" && fields[len(fields)-1] == fingerprint {
			return nil
		}
	}

	return fmt.Errorf("the signature of %s is not by %s: gpg said\n%s", filepath.Base(file), fingerprint, out)
}
