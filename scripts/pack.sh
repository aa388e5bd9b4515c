#!/bin/bash
# Makes release/ of the commit that is checked out: the package, built twice and compared, its bill of materials, and
# the sums of both; then installs the package in an empty folder and tries it. docs/releasing.md tells what comes before
# and after. Needs what `npm ci` installs, and the registry of npm for the trial. Takes one minute.
set -euo pipefail
cd "$(dirname "$0")/.."
OUT=$PWD/release
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
# npm run puts Node 24 first; so does this, for whoever calls the script by itself.
export PATH=$PWD/node_modules/.bin:$PATH
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH

# From the commit, and not from the folder: what is not committed, or is left over from before, gets into no package.
build() { # a folder that does not exist yet
  mkdir -p "$1/tree"
  git archive HEAD | tar -x -C "$1/tree"
  ln -s "$PWD/node_modules" "$1/tree/node_modules"
  (cd "$1/tree" && npm run --silent build)
  # npm packs the rights of the files as they are, and whoever builds may have a strict umask.
  chmod -R u=rwX,go=rX "$1/tree"
  (cd "$1/tree" && npm pack --silent --pack-destination "$1" > /dev/null)
}

[ -z "$(git status --porcelain)" ] || echo 'what is not committed is left out'
build "$WORK/once"
# Elsewhere, at another hour, with other rights: none of it may show.
(umask 077 && TZ=Asia/Tokyo LC_ALL=C build "$WORK/another/time")
TARBALL=$(basename "$WORK"/once/*.tgz)
cmp "$WORK/once/$TARBALL" "$WORK/another/time/$TARBALL"
echo "$TARBALL: the same bytes from two builds of $(git rev-parse --short HEAD)"

rm -rf "$OUT"
mkdir "$OUT"
cp "$WORK/once/$TARBALL" "$OUT/"
(cd "$WORK/once/tree" && node scripts/licences.ts > /dev/null && node scripts/sbom.ts) > "$OUT/${TARBALL%.tgz}.cdx.json"
(cd "$OUT" && sha256sum -- * > SHA256SUMS && cat SHA256SUMS)

bash scripts/try-package.sh "$OUT/$TARBALL"
