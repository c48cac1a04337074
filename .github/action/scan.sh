#!/usr/bin/env bash
# Runs tightlip on what the event of a workflow is about. What cannot be found out is read rather than left out, and what
# cannot be read ends with 2.
set -euo pipefail
# shellcheck source=.github/action/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

workspace=$PWD
command=() # The command and what it reads.
base=''    # What the change is judged by.

main() {
    # Whatever stops this, later steps must not take it for a pass. The program writes after, and the last value counts.
    output complete false
    cd -- "$INPUT_PATH" 2>/dev/null || fail "there is no folder \`$INPUT_PATH\`: \`path\` is where actions/checkout put the repository"
    choose
    local flags=(--no-progress)
    if [ -n "$base" ]; then flags+=(--trust-base "$base"); fi
    if [ -n "${INPUT_CONFIG:-}" ]; then flags+=(--config "$(from_workspace "$INPUT_CONFIG")"); fi
    if [ -n "${INPUT_BASELINE:-}" ]; then flags+=(--baseline "$(from_workspace "$INPUT_BASELINE")"); fi
    if [ -n "${INPUT_FAIL_ON:-}" ]; then flags+=(--fail-on "$INPUT_FAIL_ON"); fi
    formats
    local more=()
    # Split at blanks, and nothing else: no pattern is expanded.
    read -r -d '' -a more < <(printf '%s\0' "${INPUT_ARGS:-}") || true
    # What an earlier step left is older, and not taken for the report of this one.
    began=$RUNNER_TEMP/tightlip-began
    : >"$began"
    local exit=0
    "$TIGHTLIP" "${command[0]}" "${flags[@]}" "${formats[@]}" ${more[@]+"${more[@]}"} ${command[@]+"${command[@]:1}"} || exit=$?
    finish "$exit"
}

# --- which commits

choose() {
    local mode=$INPUT_MODE
    if [ "$mode" = auto ] && [ -n "${INPUT_BASE:-}${INPUT_HEAD:-}" ]; then mode=commits; fi
    if [ "$mode" = auto ]; then
        case "$GITHUB_EVENT_NAME" in
        pull_request | pull_request_target | pull_request_review | merge_group) mode=commits ;;
        push) mode=push ;;
        *) mode=history ;;
        esac
    fi
    if [ "$mode" != files ] && ! git rev-parse --git-dir >/dev/null; then
        fail "git cannot read a repository in \`$INPUT_PATH\`, and says why above"
    fi
    case "$mode" in
    commits) commits "${INPUT_BASE:-${EVENT_BASE:-}}" "${INPUT_HEAD:-${EVENT_HEAD:-HEAD}}" ;;
    push) pushed ;;
    history)
        if is_shallow; then fail "$SHALLOW"; fi
        command=(commits --all)
        ;;
    files) command=(scan .) ;;
    *) fail "\`$mode\` is no mode: use auto, commits, push, history or files" ;;
    esac
}

# From a base, which has to be here, to a head.
commits() {
    [ -n "$1" ] || fail "the event names no base: set \`base\`, or \`mode: history\`"
    local head
    base=$(known "$1") || fail "$(missing "$1")"
    head=$(known "$2") || fail "$(missing "$2")"
    command=(commits -- "$base..$head")
}

# What a push brought. Its `before` is nothing for a new branch, and what a force push dropped may be gone.
pushed() {
    local head before=${EVENT_BEFORE:-}
    [ -n "${EVENT_AFTER:-}" ] || fail "the event is no push: use \`mode: auto\`, or \`history\`"
    if is_nothing "$EVENT_AFTER"; then
        notice "a branch or tag was deleted: nothing was brought"
        output complete true
        output findings 0
        output blocking 0
        output exit-code 0
        exit 0
    fi
    head=$(known "$EVENT_AFTER") || fail "$(missing "$EVENT_AFTER")"
    if ! is_nothing "$before"; then
        if base=$(known "$before"); then
            command=(commits -- "$base..$head")
            return
        fi
        if is_shallow; then fail "$(missing "$before")"; fi
        notice "$before, where the branch was before this push, is not in the clone any more: what the main branch lacks is read"
    fi
    if base=$(main_branch "$head"); then
        command=(commits -- "$base..$head")
    else
        base=''
        if is_shallow; then fail "$SHALLOW"; fi
        command=(commits -- "$head")
    fi
}

# The tip of the main branch, unless it is what was pushed.
main_branch() {
    local name=${EVENT_DEFAULT_BRANCH:-}
    if [ -z "$name" ] || [ "$GITHUB_REF" = "refs/heads/$name" ]; then return 1; fi
    known "refs/remotes/origin/$name"
}

is_nothing() {
    [[ $1 =~ ^0*$ ]]
}

# The commit that a revision stands for, if it is here.
known() {
    git rev-parse --verify --quiet --end-of-options "$1^{commit}"
}

is_shallow() {
    [ "$(git rev-parse --is-shallow-repository)" = true ]
}

# shellcheck disable=SC2016 # backticks of Markdown
SHALLOW='this checkout is shallow, so what its commits add is not known: give actions/checkout `with: {fetch-depth: 0}`'

missing() {
    if is_shallow; then
        printf '%s' "$1 is not in this clone. $SHALLOW"
    else
        printf '%s' "$1 is not in this clone: fetch it before this step, or set \`base\` and \`head\`"
    fi
}

# --- reports

# Of reports without a file only one can go to the log. Where another was asked for, the one with the annotations goes
# to a file, which the program still ends with the summary of the job and the outputs.
formats() {
    formats=()
    local line plain=''
    while IFS= read -r line || [ -n "$line" ]; do
        line=${line#"${line%%[![:space:]]*}"}
        line=${line%"${line##*[![:space:]]}"}
        if [ -z "$line" ]; then continue; fi
        case "$line" in
        *=*) formats+=(--format "${line%%=*}=$(from_workspace "${line#*=}")") ;;
        *) plain=$line ;;
        esac
    done <<<"${INPUT_FORMAT:-}"
    if [ -n "$plain" ] && [ "$plain" != github ]; then
        formats+=(--format "$plain" --format "github=$RUNNER_TEMP/tightlip-annotations.txt")
    else
        formats+=(--format github)
    fi
    if [ -n "${INPUT_SARIF_FILE:-}" ]; then
        sarif=$(from_workspace "$INPUT_SARIF_FILE")
        formats+=(--format "sarif=$sarif")
    fi
}

from_workspace() {
    case "$1" in
    /*) printf '%s' "$1" ;;
    *) printf '%s/%s' "$workspace" "$1" ;;
    esac
}

finish() {
    output exit-code "$1"
    if [ -n "${sarif:-}" ] && [ "$sarif" -nt "$began" ]; then output sarif-file "$INPUT_SARIF_FILE"; fi
    if [ "$1" -eq 2 ] && is_shallow; then printf '::error title=tightlip::%s\n' "$(escaped "$SHALLOW")"; fi
    exit "$1"
}

main
