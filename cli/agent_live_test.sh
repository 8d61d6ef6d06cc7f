#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `hawser agent` as a process, against a real Mosquitto: signals, a new
# configuration, starting anew, a folder in use. What the device does on the
# line is tested elsewhere. Usage: agent_live_test.sh HAWSER
# Ends with 77 (skipped) where Mosquitto is not installed.
set -u
hawser=$1
# shellcheck source=cli/live_test.sh
. "$(dirname "$0")/live_test.sh"
need mosquitto mosquitto_passwd

broker_pid=
agent_pid=
end_processes() {
    stop "$agent_pid"
    stop "$broker_pid"
}

make_broker() { # a folder to serve from, on a port that is free
    for attempt in 1 2 3 4 5 6 7 8; do
        port=$((20000 + ($$ * 13 + attempt * 1009) % 12000))
        rm -rf "$work/broker"
        "$hawser" broker init "$work/broker" --pki "$work/pki" \
            --port "$port" --bind 127.0.0.1 >/dev/null 2>&1 || return 1
        "$hawser" broker user "$work/broker" d1 >/dev/null || return 1
        mosquitto -c "$work/broker/mosquitto.conf" >"$work/broker.log" 2>&1 &
        broker_pid=$!
        eventually grep -Esq ' running$|Error' "$work/broker.log"
        grep -q ' running$' "$work/broker.log" && return 0
        wait "$broker_pid"
    done
    return 1
}
start_agent() {
    "$hawser" agent --config "$config" --log json >>"$work/log" 2>&1 &
    agent_pid=$!
}
logged() { # logged COUNT PATTERN: so many lines at least
    [ "$(grep -Ec "$2" "$work/log")" -ge "$1" ]
}
send() {
    "$hawser" send --config "$work/broker/operator.ini" --json "$@" \
        >"$work/reply" 2>&1
}
status_is() {
    "$hawser" watch --config "$work/broker/operator.ini" --once --json |
        grep -q "\"kind\":\"status\".*\"status\":\"$1\""
}
boot() {
    sed -n 's/.*"boot":\([0-9]*\).*/\1/p' "$work/reply"
}

"$hawser" pki init "$work/pki" --host localhost >/dev/null 2>&1 &&
    make_broker || exit 1
config=$work/broker/devices/agent.ini
cat >"$config" <<END
[device]
id = d1
state_dir = state
[broker]
url = mqtts://localhost:$port
ca_file = ca.crt
username = d1
password_file = d1.password
[telemetry]
interval_s = 1
[sensors]
temperature = simulated:20..25
[retry]
speed = 10
END

check "--check finds no mistake" "$hawser" agent --config "$config" --check \
    >/dev/null
start_agent
check "it comes online" eventually logged 1 '"event":"online"'
check "the broker has it" status_is online
check "ping is answered" send d1 ping
first_boot=$(boot)

"$hawser" agent --config "$config" >"$work/second" 2>&1
check "a second one on the same folder is refused" test $? -eq 3

# A new configuration: with a mistake it is reported, without it is used.
sed 's/^qos.*//; s/^interval_s = 1/interval_s = soon/' "$config" >"$config.bad"
cp "$config" "$config.good"
cp "$config.bad" "$config"
kill -HUP "$agent_pid"
check "a mistake is reported" eventually logged 1 \
    '"event":"config".*interval_s: found \\"soon\\"'
check "and the device stays" send d1 ping
sed 's/^temperature/humidity/' "$config.good" >"$config"
kill -HUP "$agent_pid"
check "a good one is read" eventually logged 1 '"event":"config","detail":"read"'
check "and used" eventually logged 2 '"event":"online"'
check "the device is there again" eventually send d1 ping
kill -HUP "$agent_pid"
check "the same again is read" eventually logged 1 \
    '"event":"config","detail":"read; nothing has changed"'
check "and the line stays" send d1 ping
check "without a word of offline" test \
    "$(grep -c '"event":"online"' "$work/log")" -eq 2
check "it is the same run" test "$(boot)" = "$first_boot"

# Starting anew keeps the process's number.
check "restart is answered" send d1 restart
check "after a boot" test "$(boot)" = "$((first_boot + 1))"
check "by the same process" kill -0 "$agent_pid"
check "which says why it started" grep -q '"reset_reason":"command"' \
    "$work/reply"
check "it is online" eventually status_is online

kill -TERM "$agent_pid"
wait "$agent_pid"
check "SIGTERM ends it with 0" test $? -eq 0
agent_pid=
check "and says offline first" status_is offline
check "no secret was logged" sh -c \
    "! grep -qF -e \"\$(cat '$work/broker/devices/d1.password')\" '$work/log'"
check "every line is an object" sh -c "! grep -v '^{.*}\$' '$work/log'"

# A configured program takes the agent's place.
printf '#!/bin/sh\necho "$0 $*" >"%s/ran"\n' "$work" >"$work/restart"
chmod +x "$work/restart"
sed "s#^state_dir.*#&\nrestart_program = $work/restart  now#" "$config.good" \
    >"$config"
start_agent
check "it comes online again" eventually send d1 ping
send --timeout 1 d1 restart
check "the restart program ran" eventually grep -sq "^$work/restart now" \
    "$work/ran"
stop "$agent_pid"
agent_pid=

# Nobody reads the log: the agent works, and ends when told.
cp "$config.good" "$config"
mkfifo "$work/unread"
exec 3<>"$work/unread"
dd if=/dev/zero of="$work/unread" bs=4096 oflag=nonblock 2>/dev/null
"$hawser" agent --config "$config" >"$work/unread" 2>>"$work/log" &
agent_pid=$!
check "it comes online without a reader" eventually send --timeout 1 d1 ping
kill -TERM "$agent_pid"
check "SIGTERM ends it all the same" eventually sh -c \
    "! kill -0 '$agent_pid' 2>/dev/null || grep -q '^State:.Z' \
    '/proc/$agent_pid/status'"
kill -KILL "$agent_pid" 2>/dev/null
wait "$agent_pid"
check "with 0" test $? -eq 0
agent_pid=
exec 3>&-

[ "$failed" -eq 0 ] && echo "all as documented"
exit "$failed"
