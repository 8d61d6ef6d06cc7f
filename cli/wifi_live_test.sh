#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `hawser agent` and the real wpa_supplicant, over its driver for wired links:
# this kernel need not have a radio. Networks are told, told once after a
# restart of either side, and never saved. What a radio would say is tested with
# a recorded dialogue (ports/linux/wifi_test.c).
# Usage: wifi_live_test.sh HAWSER
# Ends with 77 (skipped) without wpa_supplicant or a network namespace.
set -u
hawser=$1
# shellcheck source=cli/live_test.sh
. "$(dirname "$0")/live_test.sh"
need wpa_supplicant wpa_cli ip unshare
if [ "${HAWSER_INSIDE:-}" = "" ]; then
    unshare -n true 2>/dev/null || {
        echo "skipped: no network namespace to be had here"
        exit 77
    }
    rm -rf "$work"
    HAWSER_INSIDE=1 exec unshare -n "$0" "$hawser"
fi

daemon_pid=
agent_pid=
end_processes() {
    stop "$agent_pid"
    stop "$daemon_pid"
}
start_daemon() {
    wpa_supplicant -Dwired -iv0 -C"$work/control" >>"$work/daemon.log" 2>&1 &
    daemon_pid=$!
    eventually test -S "$work/control/v0"
}
start_agent() {
    "$hawser" agent --config "$work/agent.ini" --log json >>"$work/log" 2>&1 &
    agent_pid=$!
}
networks() {
    wpa_cli -p "$work/control" -i v0 list_networks
}
listed() { # both networks, each once, the first one in use
    [ "$(networks | grep -c "$(printf '\t')")" = 2 ] &&
        networks | grep -q "$(printf '\tthe shed\tany\t\[CURRENT\]')" &&
        networks | grep -q "$(printf '\tyard\tany\t')"
}
preferred() {
    [ "$(wpa_cli -p "$work/control" -i v0 get_network 0 priority)" = 2 ]
}
logged() { # logged COUNT PATTERN: so many lines
    [ "$(grep -c "$2" "$work/log")" -ge "$1" ]
}

: >"$work/log"
ip link add v0 type veth peer name v1 && ip link set v0 up &&
    ip link set v1 up || exit 1
"$hawser" pki init "$work/pki" --host localhost >/dev/null 2>&1 || exit 1
ca=$(find "$work/pki" -name 'ca*.crt' | head -n 1)
printf 'the shed\tcorrect horse\nyard\tbattery staple\n' >"$work/wifi"
cat >"$work/agent.ini" <<END
[device]
id = d1
state_dir = state
[broker]
url = mqtts://localhost:1
ca_file = $ca
[network]
interface = v0
wifi_control = $work/control/v0
wifi_file = wifi
END

chmod 0644 "$work/wifi"
"$hawser" agent --config "$work/agent.ini" >"$work/refused" 2>&1
check "a file that others can read is refused" \
    grep -q 'wifi_file.*others' "$work/refused"
chmod 0600 "$work/wifi"

start_agent
check "a supplicant that is absent is named" \
    eventually logged 1 'wpa_supplicant does not answer at'
start_daemon
check "networks are told when it comes" eventually listed
stop "$agent_pid"
wpa_cli -p "$work/control" -i v0 set_network 0 priority 99 >/dev/null
start_agent
check "they are told anew after a restart of the agent" eventually preferred
check "and stand there once" eventually listed
stop "$daemon_pid"
check "its end is noticed" eventually logged 2 'wpa_supplicant does not answer'
start_daemon
check "they are told again to a new supplicant" eventually listed
check "no passphrase is in the log" sh -c "! grep -q 'correct horse' '$work/log'"
exit "$failed"
