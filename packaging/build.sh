#!/usr/bin/env bash
# Builds the static program of a release: packaging/build.sh [--glibc] [MACHINE] [FOLDER]
#
# MACHINE is x86_64 or aarch64, this one if not given; the program goes to FOLDER/tightlip-MACHINE, `dist` if not given.
# It links musl, whose target for Rust is asked of rustup where it is missing. The C compiler is MACHINE-linux-musl-gcc,
# musl-gcc for this machine, or zig by way of cargo-zigbuild, whichever is there. What comes out must be static, and must
# run where it is for this machine.
#
# --glibc links this machine's glibc instead, statically: for tests where that target cannot be had, not for a release.
set -euo pipefail
cd "$(dirname "$0")/.."

libc=musl
if [ "${1:-}" = --glibc ]; then
    libc=gnu
    shift
fi
machine=${1:-$(uname -m)}
folder=${2:-dist}
target=$machine-unknown-linux-$libc
variable=${target//-/_}
build=(cargo build)

stop() {
    printf 'packaging/build.sh: %s\n' "$1" >&2
    exit "${2:-1}"
}

# What this machine lacks, as distinct from what goes wrong: tests/packaging/run tells them apart.
lacks() {
    stop "$1" 69
}

has_target() {
    [ -d "$(rustc --print target-libdir --target "$target")" ]
}

case "$machine" in
x86_64 | aarch64) ;;
*) stop "$machine is none of x86_64, aarch64" ;;
esac

if ! has_target; then
    rustup target add "$target" >&2 || true
    has_target || lacks "Rust's library for $target is missing, and rustup cannot fetch it; \`--glibc\` builds a program for tests"
fi

if [ "$libc" = gnu ]; then
    [ "$machine" = "$(uname -m)" ] || stop "--glibc builds for this machine alone"
    flags=${RUSTFLAGS:-}
    export RUSTFLAGS="$flags -C target-feature=+crt-static"
elif [ "$machine" = "$(uname -m)" ] && compiler=$(command -v "$machine-linux-musl-gcc" || command -v musl-gcc); then
    # For libgit2's source alone. `cc` links, with Rust's own start files: these are two names of one script on Debian, it
    # does not know `-static-pie`, and what it links asks for a loader and crashes.
    export "CC_$variable=$compiler"
elif [ "$machine" != "$(uname -m)" ] && command -v "$machine-linux-musl-gcc" >/dev/null; then
    export "CC_$variable=$machine-linux-musl-gcc" "CARGO_TARGET_${variable^^}_LINKER=$machine-linux-musl-gcc"
elif command -v cargo-zigbuild >/dev/null; then
    build=(cargo-zigbuild zigbuild)
else
    lacks "there is no C compiler for $target: install musl-tools, or cargo-zigbuild and ziglang from PyPI"
fi

# Paths of this machine have no place in a program that others can build as well.
export RUSTFLAGS="${RUSTFLAGS:-} --remap-path-prefix=$PWD=. --remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}=cargo"
"${build[@]}" --locked --release --target "$target" >&2
built=${CARGO_TARGET_DIR:-target}/$target/release/tightlip
segments=$(readelf --program-headers --wide "$built")
case "$segments" in
*" INTERP "*) stop "$built asks for a loader: it was not linked statically" ;;
esac
if [ "$machine" = "$(uname -m)" ] && ! "$built" --version >&2; then
    stop "$built does not run"
fi
mkdir -p "$folder"
cp "$built" "$folder/tightlip-$machine"
printf '%s\n' "$folder/tightlip-$machine"
