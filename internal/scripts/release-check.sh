#!/bin/sh
# Checks what goreleaser built: release-check.sh DIST, with the signer's fingerprint in GPG_FINGERPRINT. Without DIST it builds a
# snapshot of the current commit, signs it with a throw-away key, checks it, and installs it with every CLI on PATH.
# ALL=1 builds for every platform, DIST=directory keeps the result. goreleaser itself refuses a dirty tree, a tag that is not on
# this commit and a missing key, but not for a snapshot.
set -eu
cd "$(dirname "$0")/../.."
project=terraform-provider-wingspan
source=wingspanhq/wingspan
platforms=13 # what .goreleaser.yml builds

fail() {
  echo "release-check: $*" >&2
  exit 1
}

# check verifies the names, checksums, signature and contents that the registries and the CLIs rely on. It sets $version and $zip.
check() {
  zip=$(echo "$1/${project}_"*"_$(go env GOOS)_$(go env GOARCH).zip")
  version=${zip##*/"${project}"_} && version=${version%"_$(go env GOOS)_"*}
  sums=$1/${project}_${version}_SHA256SUMS
  [ -f "$zip" ] || fail "$1 has no zip for this platform"
  [ "$(grep -c '\.zip$' "$sums") $(grep -c . "$sums")" = "$2 $(($2 + 1))" ] || fail "$sums has not exactly $2 zips and the manifest"
  grep -q '"protocol_versions": \["6.0"\]' terraform-registry-manifest.json || fail "terraform-registry-manifest.json has another protocol than 6.0, which the provider serves"
  cp terraform-registry-manifest.json "$1/${project}_${version}_manifest.json"
  (cd "$1" && { sha256sum -c "${sums##*/}" 2>/dev/null || shasum -a 256 -c "${sums##*/}"; } >/dev/null) || fail "a checksum in $sums is wrong"
  # RSA (1) or DSA (17), by the expected key, is what the Terraform registry takes. It cannot read an armored signature.
  gpg --batch --status-fd 1 --verify "$sums.sig" "$sums" 2>/dev/null | grep -Eq "VALIDSIG .* (1|17) [0-9]+ 00 $GPG_FINGERPRINT\$" ||
    fail "$sums.sig is not a signature by the RSA or DSA key $GPG_FINGERPRINT"
  ! head -n 1 "$sums.sig" | grep -q 'BEGIN PGP' || fail "$sums.sig is armored, and the registries want a binary signature"
  for archive in "$1"/*.zip; do
    case $archive in *_windows_*) exe=.exe ;; *) exe= ;; esac
    [ "$(unzip -Z1 "$archive" | sort | tr '\n' ' ')" = "LICENSE ${project}_v$version$exe " ] || fail "$archive has other files than LICENSE and the provider"
  done
  unzip -qo "$zip" -d "$scratch/unpacked"
  said=$("$scratch/unpacked/${project}_v$version" -version)
  [ "$said" = "$version $(git rev-parse HEAD)" ] || fail "the provider says that it is \"$said\""
  echo "ok  $2 zips, checksums, signature and contents of $version"
}

# install does what users do: init from a mirror, apply, an empty plan, destroy.
install() {
  for registry in registry.terraform.io registry.opentofu.org; do
    mkdir -p "$scratch/mirror/$registry/$source"
    cp "$zip" "$scratch/mirror/$registry/$source/"
  done
  printf 'provider_installation {\n  filesystem_mirror {\n    path = "%s"\n  }\n}\n' "$scratch/mirror" >"$scratch/cli.tfrc"
  go build -o "$scratch/server" ./internal/cmd/wingspan-test-server
  installed=
  for cli in "${TF_ACC_TERRAFORM_PATH:-terraform}" tofu; do
    cli=$(command -v "$cli") || continue
    [ "$cli" != "$installed" ] || continue
    "$scratch/server" -url-file "$scratch/url" >"$scratch/requests" &
    server=$!
    while [ ! -s "$scratch/url" ]; do kill -0 "$server" || fail "the test server did not start"; sleep 0.1; done
    rm -rf "$scratch/work" && mkdir "$scratch/work"
    cat >"$scratch/work/main.tf" <<TF
terraform {
  required_providers {
    wingspan = {
      source  = "$source"
      version = "$version"
    }
  }
}

resource "wingspan_webhook_preference" "hook" {
  url               = "https://hooks.example.com/release-check"
  subscribed_events = ["Invoice.Paid"]
  shared_secret     = "fake-secret-of-release-check"
}
TF
    # shellcheck disable=SC2086 # A command is several words.
    for command in init "apply -auto-approve" "plan -detailed-exitcode" "destroy -auto-approve"; do
      (cd "$scratch/work" && TF_CLI_CONFIG_FILE=$scratch/cli.tfrc WINGSPAN_BASE_URL=$(cat "$scratch/url") \
        WINGSPAN_API_TOKEN=$(sed -n 's/.*WINGSPAN_API_TOKEN=//p' "$scratch/requests") \
        "$cli" $command -no-color -input=false) >"$scratch/output" 2>&1 || { cat "$scratch/output" && fail "$cli $command failed, see above"; }
    done
    kill "$server"
    wait "$server" || true
    rm "$scratch/url"
    [ "$(grep -c '^POST ' "$scratch/requests") $(grep -c '^DELETE ' "$scratch/requests")" = "1 1" ] || fail "the provider did not send one POST and one DELETE"
    installed=$cli
    echo "ok  $("$cli" version 2>/dev/null | head -n 1): init from a mirror, apply, an empty plan, destroy"
  done
  [ -n "$installed" ] || fail "found neither terraform nor tofu on PATH: install one of them"
}

server=
scratch=$(mktemp -d /tmp/release-check.XXXXXX) # short, because the path of the GnuPG agent's socket may have 100 bytes
trap 'kill $server 2>/dev/null || :; gpgconf --homedir "$scratch" --kill all 2>/dev/null || :; rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM
if [ $# -gt 0 ]; then
  check "$1" "$platforms"
  exit
fi

for tool in gpg unzip; do command -v "$tool" >/dev/null || fail "found no $tool: install it"; done
[ -z "$(git status --porcelain)" ] || fail "the work tree is dirty, so that a release of this commit would not be what is here. Commit or remove: $(git status --short | head -n 10)"
export GNUPGHOME="$scratch"
gpg --batch --quiet --pinentry-mode loopback --passphrase '' --quick-generate-key 'Throw-away key <nobody@example.invalid>' rsa3072 sign 1d 2>/dev/null
GPG_FINGERPRINT=$(gpg --batch --with-colons --list-secret-keys 2>/dev/null | awk -F: '$1 == "fpr" {print $10; exit}')
export GPG_FINGERPRINT

dist=${DIST:-$scratch/dist}
[ -z "$(ls -A "$dist" 2>/dev/null)" ] || fail "$dist is not empty: remove it, or set DIST to another directory"
narrow=
if [ -z "${ALL:-}" ]; then
  narrow="s/^    goos: .*/    goos: [$(go env GOOS)]/; s/^    goarch: .*/    goarch: ['$(go env GOARCH)']/"
  platforms=1
fi
{ sed "$narrow" .goreleaser.yml && echo "dist: $dist"; } >"$scratch/goreleaser.yml"
skip=publish
command -v syft >/dev/null || skip=$skip,sbom
# Without a remote goreleaser knows no commit. Nothing is fetched from the address.
git config --get remote.origin.url >/dev/null ||
  export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=remote.origin.url GIT_CONFIG_VALUE_0=https://github.com/$source.git
"${GORELEASER:-goreleaser}" release --snapshot --clean --skip="$skip" --config "$scratch/goreleaser.yml" >"$scratch/output" 2>&1 || { cat "$scratch/output" && fail "goreleaser failed, see above"; }
check "$dist" "$platforms"
install
