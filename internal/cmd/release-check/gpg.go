package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// keyring is a GnuPG home directory; the zero value is the one that the environment names.
type keyring struct{ home string }

// newKeyring makes an empty one. The caller calls close.
func newKeyring() (keyring, error) {
	// Not below another directory: the agent's socket lies in it, and the path of a socket has about a hundred bytes.
	home, err := os.MkdirTemp("", "wgpg")
	if err != nil {
		return keyring{}, fmt.Errorf("make a keyring: %w", err)
	}

	return keyring{home}, nil
}

// close ends the keyring's agent and removes it.
func (k keyring) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	k.endAgent(ctx)

	return os.RemoveAll(k.home)
}

// endAgent also makes it forget the passphrases. An agent that is not there is as good as one that was ended.
func (k keyring) endAgent(ctx context.Context) {
	_ = exec.CommandContext(ctx, "gpgconf", "--homedir", k.home, "--kill", "all").Run()
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

// usable tells whether a signature by the key would be worth anything to the registries.
func (s secretKey) usable() error {
	switch s.validity {
	case "e":
		return fmt.Errorf("the signing key %s has expired\nExtend it (gpg --quick-set-expire), and give the registries the new public key", s.fingerprint)
	case "r", "d", "i":
		return fmt.Errorf("the signing key %s is revoked, disabled or invalid\nMake a new one, and give the registries its public key", s.fingerprint)
	}
	// RSA and DSA. GnuPG's own default is none of them.
	switch s.algorithm {
	case "1", "3", "17":
		return nil
	}

	return fmt.Errorf("the signing key %s is neither RSA nor DSA, which is all that the Terraform registry takes\n"+
		"Make one with `gpg --quick-generate-key NAME rsa4096 sign`, and give the registries its public key", s.fingerprint)
}

// trySigning signs something that is thrown away: that finds a missing or wrong passphrase.
func (k keyring) trySigning(ctx context.Context, fingerprint string) error {
	dir, err := os.MkdirTemp("", "release-check")
	if err != nil {
		return fmt.Errorf("try the signing key: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	file := filepath.Join(dir, "probe")
	if err := os.WriteFile(file, []byte("probe\n"), 0o600); err != nil {
		return fmt.Errorf("try the signing key: %w", err)
	}
	if _, err := k.gpg(ctx, "--local-user", fingerprint, "--detach-sign", file); err != nil {
		return fmt.Errorf("the key %s does not sign: %w\nCheck its passphrase (in the workflow: the secret PASSPHRASE). %s", fingerprint, err, advice)
	}

	return nil
}
