#!/usr/bin/env bash
# Gets the program: a release whose checksum is pinned beside this script, or one built from the action's own source.
set -euo pipefail
action=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck source=.github/action/lib.sh
source "$action/.github/action/lib.sh"

checksums=$action/.github/action/checksums.txt
place=$RUNNER_TEMP/tightlip
own=$(sed -n 's/^version = "\(.*\)"$/\1/p' "$action/Cargo.toml" | head -n 1)

target() {
    case "${RUNNER_OS:-}-${RUNNER_ARCH:-}" in
    Linux-X64) echo x86_64-unknown-linux-musl ;;
    Linux-ARM64) echo aarch64-unknown-linux-musl ;;
    esac
}

# The pinned line for a version on this machine, if there is one.
pinned() {
    local for_target
    for_target=$(target)
    if [ -n "$for_target" ]; then
        grep -E "^[0-9a-f]{64}  " "$checksums" | grep -F "  tightlip-$1-$for_target.tar.gz" || true
    fi
}

download() {
    local line=$1 archive
    archive=${line#*  }
    mkdir -p "$place"
    curl --fail --silent --show-error --location --proto '=https' --tlsv1.2 --retry 3 --output "$place/$archive" \
        "${GITHUB_SERVER_URL:-https://github.com}/${ACTION_REPOSITORY:-$GITHUB_REPOSITORY}/releases/download/v$2/$archive" ||
        fail "$archive cannot be downloaded; \`version: source\` builds it instead"
    # Compared before anything is unpacked.
    (cd "$place" && printf '%s\n' "$line" | sha256sum --check --strict --quiet) ||
        fail "$archive is not the one whose SHA-256 this action pins: it is not used"
    tar -xzf "$place/$archive" -C "$place" --strip-components 1
    output program "$place/tightlip"
}

build() {
    command -v cargo >/dev/null || fail "no release of tightlip $own is pinned for this machine, and there is no cargo to build it: set up Rust, or name a version that is pinned, or use \`version: installed\`"
    cargo install --locked --quiet --path "$action" --root "$place" --target-dir "$RUNNER_TEMP/tightlip-target" ||
        fail "tightlip $own could not be built from the action's source"
    output program "$place/bin/tightlip"
}

case "${INPUT_VERSION:-}" in
installed)
    program=$(command -v tightlip) || fail "there is no tightlip in PATH: \`version: installed\` takes that one"
    output program "$program"
    ;;
source) build ;;
'')
    line=$(pinned "$own")
    if [ -n "$line" ]; then
        download "$line" "$own"
    else
        notice "no release of tightlip $own is pinned for this machine: it is built from the action's source, which takes minutes"
        build
    fi
    ;;
*)
    version=${INPUT_VERSION#v}
    line=$(pinned "$version")
    [ -n "$line" ] || fail "this action pins no checksum of tightlip $version for this machine, and takes no release without: leave \`version\` out, or update the action"
    download "$line" "$version"
    ;;
esac
