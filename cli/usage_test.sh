#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The command line itself: help, versions, slips and their exit codes.
# usage_test.sh PROGRAM FOLDER-OF-SOURCES
set -u
program=$1
sources=$2
place=$(mktemp -d) || exit 1
trap 'rm -rf "$place"' EXIT
failures=0

# expect CODE WORDS ARGUMENT...: the exit code, and words somewhere in what is
# printed.
expect()
{
    code=$1
    words=$2
    shift 2
    "$program" "$@" >"$place/out" 2>&1
    got=$?
    if [ "$got" -ne "$code" ] || ! grep -qF -e "$words" "$place/out"; then
        echo "hawser $*: exit $got, wanted $code and \"$words\", said:"
        cat "$place/out"
        failures=$((failures + 1))
    fi
}

expect 2 "Usage: hawser COMMAND"
expect 0 "Usage: hawser COMMAND" --help
expect 0 "Usage: hawser COMMAND" help
expect 0 "hawser " --version
expect 0 "Usage: hawser agent" help agent
expect 0 "keep_alive_s, default 60" help agent
expect 0 "Usage: hawser agent" agent --help
expect 0 "Usage: hawser send" help send
expect 0 "Usage: hawser flights" help flights
expect 0 "Usage: hawser time" help time
expect 0 "Usage: hawser watch" help watch
expect 0 "Usage: hawser pki" help pki
expect 0 "Usage: hawser broker" help broker
expect 0 "Usage: hawser factory" help factory
for command in agent send flights time watch pki broker factory; do
    if "$program" help "$command" | grep -nE '.{81}'; then
        echo "hawser help $command: a line is wider than a terminal"
        failures=$((failures + 1))
    fi
done
expect 2 'did you mean "agent"?' agnet
expect 2 "hawser help\` lists them" xyzzy
expect 2 'did you mean "watch"?' help wacth
expect 2 'no option "--verison"; did you mean "--version"?' --verison
expect 2 'no "hawser pki ini"; did you mean "hawser pki init"?' pki ini
expect 2 'no "hawser broker xyzzy"; `hawser help broker`' broker xyzzy
expect 2 'no option "--dyas"; did you mean "--days"?' pki init x --dyas=3
expect 2 'no option "-d"; `hawser help pki`' pki init x -d
expect 2 "one command at a time" help agent send
expect 2 "--config FILE is missing" agent
expect 2 "--log is text or json" agent --log xml
expect 2 'no option "--loud"' agent --loud
expect 2 'no option "--chekc"; did you mean "--check"?' agent --chekc
expect 2 'no option "--conf"; did you mean "--config"?' agent --conf x
expect 2 "--config needs a value" agent --config
expect 2 '"now" is not understood' agent --config x now
expect 2 '"now" is not understood' time now
expect 2 "one ID is needed" flights
expect 2 "one ID is needed" flights d1 d2
expect 2 "without + # /" flights a/b
expect 2 '"0": not 1 to 3600 seconds' flights --timeout 0 d1
expect 3 "No such file" \
    flights --config "$place/none.ini" d1
expect 2 "ID and COMMAND are missing" send
expect 2 "ID and COMMAND are missing" send d1
expect 2 '"0": not 1 to 3600 seconds' send --timeout 0 d1 ping
expect 2 '"1x": not 1 to 3600 seconds' send d1 ping --timeout=1x
expect 2 "--config needs a value" send d1 ping --config
expect 2 'no option "--conf"; did you mean "--config"?' send --conf x d1 ping
expect 2 'no option "--jsno"; did you mean "--json"?' watch --jsno
expect 2 "without + # /" send a/b ping
expect 2 '"x" is not understood' watch x
expect 3 "No such file" agent --config "$place/none.ini"
expect 3 "No such file" send --config "$place/none.ini" d1 ping
expect 3 "No such file" watch --config "$place/none.ini"

# A default that is not there says how to name another.
(
    unset HAWSER_CONFIG XDG_CONFIG_HOME
    export HOME="$place/h"
    expect 3 "hawser send: $HOME/.config/hawser/operator.ini: No such file" \
        send d1 ping
    export HAWSER_CONFIG="$place/x.ini"
    expect 3 "x.ini: No such file" watch
    expect 3 "--config FILE or HAWSER_CONFIG" watch
    exit "$failures"
)
failures=$?

# What is not there says what makes it.
expect 3 '`hawser broker init` makes it' broker user "$place/nob" d1
expect 3 '`hawser broker init` makes it' broker renew "$place/nob" --pki x
expect 3 '`hawser pki init` makes it' pki device "$place/nopki" d1
expect 3 '`hawser pki init` makes it' broker init "$place/b" --pki "$place/no"

# Where a new key belongs: a device's away, the operator's to `broker init`.
expect 0 "ca.crt" pki init "$place/pki" --host localhost
expect 0 "move it to the device, and keep no copy" pki device "$place/pki" d1
expect 0 "leave it for \`hawser broker init" pki device "$place/pki" operator

# The texts of the keys are wrapped: within 78 columns, nothing run together.
if "$program" help agent | grep -nE '.{79}|^ *[^ ].*[^ ]     +[^ ]' |
    grep -v -e ' --[a-z]'; then
    echo "hawser help agent: these lines are not wrapped"
    failures=$((failures + 1))
fi

# A file with mistakes, then one whose CA is no certificate.
printf '[device]\nid = a/b\n' >"$place/bad.ini"
expect 3 "bad.ini:2: [device] id: found" agent --config "$place/bad.ini" --check
cp "$sources/example.ini" "$place/agent.ini"
echo junk >"$place/ca.pem"
(umask 077 && echo secret >"$place/password")
expect 3 "[broker] ca_file" agent --config "$place/agent.ini" --check

[ "$failures" -eq 0 ] && echo "all as documented"
exit "$failures"
