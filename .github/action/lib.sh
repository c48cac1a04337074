# shellcheck shell=bash
# What both scripts of the action share.

# A value in a workflow command: it can neither end the command nor begin another.
escaped() {
    local text=$1
    text=${text//'%'/%25}
    text=${text//$'\r'/%0D}
    printf '%s' "${text//$'\n'/%0A}"
}

notice() {
    printf '::notice title=tightlip::%s\n' "$(escaped "$1")"
}

# Nothing was read, or not all: never a pass.
fail() {
    printf '::error title=tightlip::%s\n' "$(escaped "$1")"
    output exit-code 2
    exit 2
}

# A name and a value of one line for the steps that follow.
output() {
    printf '%s=%s\n' "$1" "${2//[$'\r\n']/ }" >>"$GITHUB_OUTPUT"
}
