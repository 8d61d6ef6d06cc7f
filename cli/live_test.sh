# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2034
# What the live tests have in common: a folder of their own, checks that are
# counted, waiting for something, processes that end with the test. Read by
# them; each says what it needs, and defines end_processes.
umask 022
PATH=$PATH:/usr/sbin:/sbin
failed=0

need() { # need TOOL...: without one of them the test is skipped (77)
    for tool in "$@"; do
        command -v "$tool" >/dev/null || {
            echo "skipped: $tool is not installed"
            exit 77
        }
    done
}
stop() { # stop PID: ends a process of ours and waits for it
    [ -n "$1" ] && kill "$1" 2>/dev/null && wait "$1" 2>/dev/null
    return 0
}
eventually() { # eventually COMMAND...: tries for fifteen seconds
    tries=150
    until "$@"; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || return 1
        sleep 0.1
    done
}
check() { # check WORDS COMMAND...: the command must succeed
    words=$1
    shift
    if "$@"; then
        echo "ok    $words"
    else
        echo "FAIL  $words"
        failed=1
    fi
}
cleanup() {
    end_processes
    rm -rf "$work"
}

work=$(mktemp -d) || exit 1
trap cleanup EXIT
trap 'exit 1' HUP INT TERM
