#!/bin/sh
# Prints the section of CHANGELOG.md for a tag: release-notes.sh v1.2.3. It fails for a tag that is not a version that the
# registries take, and for a version without a section.
set -eu
cd "$(dirname "$0")/../.."

echo "$1" | grep -Eq '^v(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)(-[0-9A-Za-z.-]+)?$' || {
  echo "The tag $1 is not a version like v1.2.3 or v1.2.3-beta1. Delete it, and push one of that form." >&2
  exit 1
}
notes=$(awk -v version="${1#v}" '/^## / {inside = ($2 == version); next} inside' CHANGELOG.md)
[ -n "$notes" ] || {
  echo "CHANGELOG.md has no section \"## ${1#v} - YYYY-MM-DD\", or an empty one. Commit it before you tag." >&2
  exit 1
}
echo "$notes"
