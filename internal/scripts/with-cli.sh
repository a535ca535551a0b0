#!/bin/sh
# Runs a command with Terraform or OpenTofu: with-cli.sh COMMAND [ARGUMENT]...
# It takes the executable that TF_ACC_TERRAFORM_PATH names, or else terraform or tofu on PATH, or else fetches Terraform into
# bin/. The command finds it in TF_ACC_TERRAFORM_PATH, beside what terraform-plugin-testing needs for OpenTofu.
set -eu
cd "$(dirname "$0")/../.."

terraform_version=1.11.4
hc_install=github.com/hashicorp/hc-install/cmd/hc-install@v0.10.0
oldest=8 # README.md promises 1.8 of both.

fail() {
  echo "$*" >&2
  exit 1
}

cli=${TF_ACC_TERRAFORM_PATH:-}
if [ -n "$cli" ]; then
  cli=$(command -v "$cli") || fail "TF_ACC_TERRAFORM_PATH is $TF_ACC_TERRAFORM_PATH, which is not an executable: set it to the path of terraform or tofu."
else
  cli=$(command -v terraform || command -v tofu) || {
    cli=bin/terraform-$terraform_version/terraform
    if [ ! -x "$cli" ]; then
      echo "Found neither terraform nor tofu on PATH: fetching Terraform $terraform_version into bin/." >&2
      mkdir -p "$(dirname "$cli")"
      # It checks HashiCorp's signature.
      said=$(go run "$hc_install" install -version "$terraform_version" -path "$(dirname "$cli")" terraform 2>&1) ||
        fail "Could not fetch Terraform $terraform_version: $(echo "$said" | grep -v "^exit status" | tail -n 1)
Install terraform or tofu so that it is on PATH, and try again."
    fi
  }
fi
case $cli in /*) ;; *) cli=$PWD/$cli ;; esac

# A warning about the caller's CLI configuration may come first.
version=$("$cli" version 2>/dev/null </dev/null | grep -E '^(Terraform|OpenTofu) v' | head -n 1)
case $version in
"Terraform v1."* | "OpenTofu v1."*) ;;
*) fail "$cli is neither Terraform 1.x nor OpenTofu 1.x: its version is \"$version\". Put one of them on PATH, or set TF_ACC_TERRAFORM_PATH to it." ;;
esac
minor=${version#* v1.}
[ "${minor%%.*}" -ge "$oldest" ] || fail "$version ($cli) is too old: the provider needs 1.$oldest or later. Update it, or set TF_ACC_TERRAFORM_PATH to a newer one."

export TF_ACC_TERRAFORM_PATH="$cli"
case $version in OpenTofu*)
  export TF_ACC_PROVIDER_HOST=registry.opentofu.org TF_ACC_PROVIDER_NAMESPACE=wingspanhq
  ;;
esac
echo "Using $version ($cli)." >&2
exec "$@"
