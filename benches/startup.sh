#!/usr/bin/env bash
# What ten times the rules cost at start-up: builds a copy of the project with made-up rules added, and runs both
# programs in turns on a file of 1 kB. Takes two builds; needs cargo and Python 3.
#
#   benches/startup.sh [COUNT]      rules to add (default: nine times the built-in ones)
set -euo pipefail
cd "$(dirname "$0")/.."
export CARGO_INCREMENTAL=0

cargo build --release --quiet
few="$PWD/target/release/tightlip"
built_in=$("$few" --no-config rules list | tail -n 1 | cut -d ' ' -f 1)
count=${1:-$((built_in * 9))}

copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
tar cf - --exclude=./target --exclude=./.git . | tar xf - -C "$copy"
cargo bench --quiet --bench rules -- --write "$copy/rules/secrets/made-up" "$count"
(cd "$copy" && nice -n 10 cargo build --release --quiet --target-dir "$copy/target")
many="$copy/target/release/tightlip"

echo "$("$few" --no-config rules list | tail -n 1) and $("$many" --no-config rules list | tail -n 1)"
benches/tree.py "$copy/src" --only start --binary "$few" --other "$many"
