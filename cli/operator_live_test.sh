#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `hawser send` and `hawser watch` against a real Mosquitto; the device is
# played by Mosquitto's own clients. Usage: operator_live_test.sh HAWSER
# Ends with 77 (skipped) where Mosquitto is not installed.
set -u
hawser=$1
# shellcheck source=cli/live_test.sh
. "$(dirname "$0")/live_test.sh"
need mosquitto mosquitto_passwd mosquitto_pub mosquitto_sub

broker_pid=
device_pid=
watch_pid=
end_processes() {
    stop "$watch_pid"
    stop "$device_pid"
    stop "$broker_pid"
}

# expect CODE WORDS COMMAND...: the exit code, and words in what is printed
expect() {
    code=$1
    words=$2
    shift 2
    "$@" >"$work/said" 2>&1
    got=$?
    if [ "$got" -eq "$code" ] && grep -qF -e "$words" "$work/said"; then
        echo "ok    exit $code, \"$words\""
    else
        echo "FAIL  exit $got, wanted $code and \"$words\"; said:"
        cat "$work/said"
        failed=1
    fi
}
send() {
    "$hawser" send --config "$work/broker/operator.ini" "$@"
}
publish() { # publish KIND MESSAGE [OPTION...]: as device d1
    kind=$1
    message=$2
    shift 2
    mosquitto_pub -h localhost -p "$port" --cafile "$work/pki/ca/ca.crt" \
        -u d1 -P "$password" -q 1 -t "hawser/d1/$kind" -m "$message" "$@"
}
start_broker() {
    : >"$work/broker.log" # before anybody looks for what the last one said
    mosquitto -c "$work/broker/mosquitto.conf" >"$work/broker.log" 2>&1 &
    broker_pid=$!
    eventually grep -Esq ' running$|Error' "$work/broker.log"
    grep -q ' running$' "$work/broker.log"
}
# A folder to serve from, on a port that is free.
make_broker() {
    for attempt in 1 2 3 4 5 6 7 8; do
        port=$((20000 + ($$ * 11 + attempt * 1009) % 12000))
        rm -rf "$work/broker"
        "$hawser" broker init "$work/broker" --pki "$work/pki" \
            --port "$port" --bind 127.0.0.1 >/dev/null 2>&1 || return 1
        start_broker && return 0
        wait "$broker_pid"
    done
    return 1
}
listens() { # has a command reached the device?
    send --timeout 2 d1 hello >"$work/said" 2>&1
    [ -s "$work/commands" ]
}
# Answers each command with the outcome in $work/outcome.
play_device() {
    mosquitto_sub -h localhost -p "$port" --cafile "$work/pki/ca/ca.crt" \
        -u d1 -P "$password" -q 1 -t hawser/d1/control >"$work/commands" &
    sub_pid=$!
    trap 'kill "$sub_pid"; exit 0' TERM
    done=0
    while true; do
        lines=$(wc -l <"$work/commands")
        while [ "$done" -lt "$lines" ]; do
            done=$((done + 1))
            id=$(sed -n "${done}s/.*\"id\":\"\([0-9a-f]*\)\".*/\1/p" \
                "$work/commands")
            publish reply "{\"device\":\"d1\",\"id\":\"$id\",\
\"command\":\"ping\",\"status\":\"$(cat "$work/outcome")\",\
\"detail\":\"\\u001b[2J\"}"
        done
        sleep 0.1
    done
}

"$hawser" pki init "$work/pki" --host localhost >/dev/null 2>&1 &&
    "$hawser" pki init "$work/other" --host localhost >/dev/null 2>&1 &&
    make_broker || exit 1
"$hawser" broker user "$work/broker" d1 >/dev/null || exit 1
kill -HUP "$broker_pid"
password=$(cat "$work/broker/devices/d1.password")
operator=$work/broker/operator.ini

# Refusals: each with its own exit code and words.
variant() { # variant SED: the operator's configuration, changed
    sed "$1" "$operator" >"$work/broker/variant.ini"
}
send_variant() {
    "$hawser" send --config "$work/broker/variant.ini" --timeout 10 d1 ping
}
variant "s#^ca_file.*#ca_file = $work/other/ca/ca.crt#"
expect 5 "not trusted" send_variant
echo wrong >"$work/broker/wrong" && chmod 600 "$work/broker/wrong"
variant "s#^password_file.*#password_file = wrong#"
expect 5 "login refused" send_variant
variant "s#:$port#:1#"
expect 4 "port refused" send_variant
echo junk >"$work/broker/junk"
variant "s#^ca_file.*#ca_file = junk#"
expect 3 "no certificate" send_variant
cp "$work/broker/devices/d1.ini" "$work/broker/devices/variant.ini"
expect 5 "does not let this user write to hawser/d1/control" \
    "$hawser" send --config "$work/broker/devices/variant.ini" d1 ping

# Nobody, then somebody who was there before.
expect 4 "no device listens; no device of this name" send d1 ping
publish status '{"device":"d1","status":"offline","time":1795398600}' -r
expect 4 "its last status is offline, reported at 2026-11-23T01:50:00" \
    send d1 ping

# A device that answers.
: >"$work/commands"
play_device &
device_pid=$!
echo running >"$work/outcome"
eventually listens
expect 4 "no reply within 2 s" send --timeout 2 d1 ping seconds=5 on=true name=x
check "arguments keep their types" grep -q \
    '"args":{"seconds":5,"on":true,"name":"x"}}$' "$work/commands"
echo succeeded >"$work/outcome"
expect 0 "d1: ping succeeded" send d1 ping
expect 0 "detail: \\x1b[2J" send d1 ping
expect 0 '"status":"succeeded"' send --json d1 ping
echo rejected >"$work/outcome"
expect 1 "d1: ping rejected" send d1 ping

# watch: what is retained, what comes, and nothing that a terminal obeys.
publish status "{\"status\":\"online\",\"version\":\"$(printf '\033')[2J\"}" -r
expect 0 '"kind":"status","retained":true,"message":"{' \
    "$hawser" watch --config "$operator" --once --json
publish status '{"status":"online","version":"\u001b[2J"}' -r
expect 0 '1 device, 1 online' "$hawser" watch --config "$operator" --once
check "no escape reaches the terminal" sh -c \
    "! grep -q \"\$(printf '\\033')\" '$work/said'"
"$hawser" watch --config "$operator" >"$work/watched" 2>"$work/watch.err" &
watch_pid=$!
eventually grep -sq "d1 status (retained)" "$work/watched"
publish data '{"device":"d1","temperature":24.5}'
check "telemetry is printed" eventually grep -q "d1 data .*temperature=24.5" \
    "$work/watched"
stop "$device_pid"
stop "$broker_pid"
check "a lost line is said" eventually grep -q "line lost" "$work/watch.err"
start_broker
check "the line comes back" eventually sh -c \
    "[ \$(grep -c 'd1 status (retained)' '$work/watched') -ge 2 ]"
kill "$watch_pid"
wait "$watch_pid"
check "SIGTERM ends it with 0" test $? -eq 0
watch_pid=

# The broker dies while send waits: it tries again, but not without a pause,
# which would use up its two seconds of processor time.
echo running >"$work/outcome"
: >"$work/commands"
play_device &
device_pid=$!
eventually listens
(
    # shellcheck disable=SC3045 # dash and bash have it
    ulimit -t 2
    exec "$hawser" send --config "$operator" --timeout 12 d1 restart
) >"$work/sent" 2>&1 &
send_pid=$!
check "send waits" eventually grep -q running "$work/sent"
stop "$device_pid"
device_pid=
stop "$broker_pid"
broker_pid=
wait "$send_pid"
check "and ends with 4" test $? -eq 4
check "as no reply came" grep -q "no reply within 12 s" "$work/sent"

[ "$failed" -eq 0 ] && echo "all as documented"
exit "$failed"
