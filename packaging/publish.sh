#!/usr/bin/env bash
# Pins the checksums of a release's archives for the action, tags that commit, and makes the release: publish.sh FOLDER
# Run by the release workflow alone; GH_TOKEN is its token.
set -euo pipefail
cd "$(dirname "$0")/.."

folder=$1
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml | head -n 1)
tag=v$version

# Packages and examples name the repository that Cargo.toml names: that has to be this one.
named=$(sed -n 's/^repository = "\(.*\)"$/\1/p' Cargo.toml)
if [ "$named" != "${GITHUB_SERVER_URL:-https://github.com}/$GITHUB_REPOSITORY" ]; then
    echo "packaging/publish.sh: Cargo.toml names $named, and this is $GITHUB_REPOSITORY: see packaging/README.md" >&2
    exit 1
fi

if git ls-remote --exit-code --tags origin "$tag" >/dev/null; then
    echo "packaging/publish.sh: $tag is there already; raise the version in Cargo.toml" >&2
    exit 1
fi

grep -E -- '-musl\.tar\.gz$' "$folder/SHA256SUMS" >>.github/action/checksums.txt
git config user.name 'github-actions[bot]'
git config user.email '41898282+github-actions[bot]@users.noreply.github.com'
git commit --quiet --message "release: pin the checksums of $version" .github/action/checksums.txt
git tag --annotate --message "tightlip $version" "$tag"
gh auth setup-git
git push --atomic origin "HEAD:$GITHUB_REF" "$tag"
find "$folder" -maxdepth 1 -type f -print0 | xargs -0 gh release create "$tag" --verify-tag --title "tightlip $version" --notes-file CHANGELOG.md
