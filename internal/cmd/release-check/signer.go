package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

const (
	// fingerprintVariable names the signing key. .goreleaser.yml reads it too.
	fingerprintVariable = "GPG_FINGERPRINT"

	advice = "CONTRIBUTING.md says under \"Cut a release\" where the key and its fingerprint belong"
)

// signer is the key that signs the checksums.
type signer struct {
	keyring

	fingerprint string
}

// throwAwayKey makes a keyring with one key of the kind that the registries take. The caller calls close.
func throwAwayKey(ctx context.Context) (key signer, err error) {
	ring, err := newKeyring()
	if err != nil {
		return signer{}, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, ring.close())
		}
	}()
	fingerprint, err := ring.generate(ctx, "rsa3072", "")

	return signer{ring, fingerprint}, err
}

// generate makes a key that is valid for a day. The options go to gpg.
func (k keyring) generate(ctx context.Context, kind, passphrase string, options ...string) (fingerprint string, err error) {
	args := append(options, "--pinentry-mode", "loopback", "--passphrase", passphrase,
		"--quick-generate-key", "Throw-away key <nobody@example.invalid>", kind, "sign", "1d")
	if _, err := k.gpg(ctx, args...); err != nil {
		return "", fmt.Errorf("make a throw-away signing key: %w", err)
	}
	keys, err := k.secretKeys(ctx)
	if err != nil {
		return "", err
	}
	if len(keys) != 1 {
		return "", fmt.Errorf("make a throw-away signing key: the keyring holds %d keys, want 1", len(keys))
	}

	return keys[0].fingerprint, nil
}

var fingerprintPattern = regexp.MustCompile(`^[0-9A-F]{40}$`)

// check tells what is wrong with the signing key, before goreleaser finds out half way through a release.
func (s signer) check(ctx context.Context) error {
	if s.fingerprint == "" {
		return errors.New("there is no signing key: " + fingerprintVariable + " is not set\n" +
			"Set it to the fingerprint of the key that the registries know. " + advice)
	}
	if !fingerprintPattern.MatchString(s.fingerprint) {
		return fmt.Errorf("%s is %q, which is no fingerprint: it has 40 digits from 0-9 and A-F, without blanks\n"+
			"`gpg --list-secret-keys` shows it. %s", fingerprintVariable, s.fingerprint, advice)
	}
	keys, err := s.secretKeys(ctx)
	if err != nil {
		return err
	}
	var others []string
	for _, key := range keys {
		if key.fingerprint == s.fingerprint {
			if err := key.usable(); err != nil {
				return err
			}

			return s.trySigning(ctx, s.fingerprint)
		}
		others = append(others, key.fingerprint)
	}
	if len(others) == 0 {
		return fmt.Errorf("the keyring holds no secret key at all, and so not %s\n"+
			"Import the private key (in the workflow: the secret GPG_PRIVATE_KEY). %s", s.fingerprint, advice)
	}

	return fmt.Errorf("the wrong signing key: the keyring holds %s, but the registries know %s\n"+
		"Import the private key of %[2]s, or correct %[3]s if the registries know the other. %[4]s",
		strings.Join(others, " and "), s.fingerprint, fingerprintVariable, advice)
}

// verify checks a detached binary signature, and that this very key made it.
func (s signer) verify(ctx context.Context, signature, file string) error {
	if s.fingerprint == "" {
		return fmt.Errorf("verify the signature of %s: %s is not set, so that nobody knows whose it should be", filepath.Base(file), fingerprintVariable)
	}
	content, err := os.ReadFile(signature)
	if err != nil {
		return fmt.Errorf("read the signature: %w", err)
	}
	// The first bit of a packet is set; that of an armoured signature's first letter is not.
	if len(content) == 0 || content[0]&0x80 == 0 {
		return fmt.Errorf("%s is no binary signature: the registries do not read an armoured one", filepath.Base(signature))
	}
	out, err := s.gpg(ctx, "--status-fd", "1", "--verify", signature, file)
	if err != nil {
		return fmt.Errorf("the signature of %s is bad: %w", filepath.Base(file), err)
	}
	for line := range strings.Lines(out) {
		fields := strings.Fields(line)
		// The last field is the fingerprint of the primary key, for which a subkey may have signed.
		if len(fields) > 2 && fields[1] == "VALIDSIG" && fields[len(fields)-1] == s.fingerprint {
			return nil
		}
	}

	return fmt.Errorf("the signature of %s is not by %s: gpg said\n%s", filepath.Base(file), s.fingerprint, out)
}
