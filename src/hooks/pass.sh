#!/bin/sh
# tightlip-hook {version} {hook}{made}
# Written by `tightlip install --global`, and removed by `tightlip uninstall --global`: do not edit it. Git looks for all
# hooks in this folder and passes over the repository's own: this one hands over to it.
common=$(git rev-parse --git-common-dir) || exit
own=$common/hooks/{hook}
if [ -f "$own" ] && [ -x "$own" ] && ! [ "$own" -ef "$0" ]; then
    exec "$own" "$@"
fi
