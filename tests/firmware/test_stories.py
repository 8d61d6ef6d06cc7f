# SPDX-License-Identifier: Apache-2.0
"""The firmware's life on its machine: how it begins, what it refuses, what it
survives. Brokers, TLS and time servers are real; what a chip would have is QEMU's."""
import os
import subprocess

from harness.machine import HOST_IP
from harness.process import check, equal, run
from harness.registry import test


def ended(agent, cause, seconds=30):
    """How the next attempt that failed did so; for that cause."""
    return agent.event("offline", seconds, cause=cause)


def sequence(witness):
    """What arrived: {boot: [seq, ...]} in order."""
    boots = {}
    for data in (m.json for m in witness.all("data")):
        boots.setdefault(data["boot"], []).append(data["seq"])
    return boots


@test
def test_first_contact(world):
    """From an empty flash: an address, the time, the name, TLS 1.3, MQTT 5."""
    broker = world.broker()
    witness = world.witness(broker)
    machine = world.agent(broker, {"sensors": {"temperature":
                                               "simulated:18..25"}}).start()
    equal(machine.event("link_up")["address"], "10.0.2.15")
    equal(machine.event("time")["confidence"], 2)
    tls = machine.event("tls")
    equal((tls["version"], tls["cipher"], tls["dates"], tls["resumed"]),
          ("TLSv1.3", "TLS_AES_256_GCM_SHA384", "full", False))
    online = machine.event("online")
    equal((online["mqtt"], online["session"]), ("5.0", 1))
    print(f"online after {online['at_s']:.3f} s")
    data = witness.next("data").json
    check(18 <= data["temperature"] <= 25 and data["simulated"], f"{data}")
    check(data["heap"] > 0 and "rssi" not in data, f"{data}")
    security = witness.next("security").json
    equal((security["peer"]["subject"], security["dates"]),
          ("CN=localhost", "full"))


@test
def test_wrong_ca_is_refused(world):
    broker = world.broker()
    stranger = world.fresh("pki")
    run([world.hawser, "pki", "init", stranger, "--host", "localhost"])
    machine = world.agent(broker, {"broker": {
        "ca_file": os.path.join(stranger, "ca", "ca.crt")}}).start()
    ended(machine, "tls_unknown_ca")
    check("dev1" not in broker.log(), "it showed who it is")


@test
def test_wrong_name_is_refused(world):
    broker = world.broker()
    machine = world.agent(broker, {"broker": {
        "url": broker.url.replace("localhost", "elsewhere.test")}}).start()
    entry = ended(machine, "tls_wrong_name")
    check("elsewhere.test" in entry["detail"], f"{entry}")
    check("dev1" not in broker.log(), "it showed who it is")


@test
def test_name_that_is_not_known(world):
    broker = world.broker()
    machine = world.agent(broker)
    machine.names.rcode = 3
    machine.start()
    ended(machine, "dns")
    machine.names.rcode = 0
    machine.event("online")


@test
def test_certificate_that_has_ended_by_the_clock(world):
    """The battery-backed clock says 2031; the broker's certificate has ended
    by then."""
    broker = world.broker()
    machine = world.agent(broker, {"time": {"servers": "system"}},
                          options=["-rtc", "base=2031-01-01"]).start()
    ended(machine, "tls_expired")
    check("dev1" not in broker.log(), "it showed who it is")


@test
def test_clock_of_1970_connects_by_the_floor(world):
    """No time server answers and the clock is at its start: the certificate's
    end is held against the build's date."""
    broker = world.broker()
    machine = world.agent(broker, {"time": {"servers": "system"}},
                          options=["-rtc", "base=1970-01-02"]).start()
    equal(machine.event("tls", 40)["dates"], "floor")
    machine.event("online")


@test
def test_wrong_password(world):
    broker = world.broker()
    wrong = world.write("wrong", "not the password\n", 0o600)
    machine = world.agent(broker, {"broker": {"password_file": wrong}}).start()
    ended(machine, "mqtt_not_authorised")


@test
def test_session_is_resumed_after_the_broker_restarts(world):
    broker = world.broker()
    machine = world.agent(broker).start_online()
    machine.event("published")
    machine.event("tls")
    broker.kill()
    machine.event("offline")
    broker.start()
    machine.event("tls", resumed=False)  # the broker has new ticket keys
    machine.event("online")


@test
def test_line_that_breaks_resumes_tls(world):
    broker = world.broker()
    relay = world.relay(broker)
    machine = world.agent(broker, {"broker": {
        "url": f"mqtts://localhost:{relay.port.number}"}}).start_online()
    machine.event("published")
    machine.event("tls")
    relay.cut()
    machine.event("tls", resumed=True)
    machine.event("online")


@test
def test_link_that_goes_down_loses_nothing(world):
    """The cable is pulled; what is measured meanwhile comes later, marked."""
    broker = world.broker()
    witness = world.witness(broker)
    machine = world.agent(broker).start_online()
    witness.next("data")
    machine.set_link(False)
    machine.event("link_down")
    for _ in range(3):
        machine.event("stored")
    machine.set_link(True)
    machine.event("link_up")
    machine.event("online", 40)
    witness.next_json("data", hist=True)
    live = witness.next("data", lambda m: "hist" not in m.json).json
    seqs = sequence(witness)[1]
    equal(sorted(set(seqs)), list(range(1, live["seq"] + 1)), "arrived")


@test
def test_restart_command_is_a_reset(world):
    broker = world.broker()
    witness = world.witness(broker)
    machine = world.agent(broker).start_online()
    broker.publish("hawser/dev1/control", '{"command":"restart","id":"r1"}')
    witness.next_json("status", status="restarting")
    machine.event("restart")
    reply = witness.next_json("reply", id="r1", status="succeeded")
    check("command" in str(reply), f"{reply}")
    status = witness.next_json("status", status="online", boot=2)
    equal(status["reset_reason"], "command")
    # The same command once more: answered from the ledger, no second reset.
    broker.publish("hawser/dev1/control", '{"command":"restart","id":"r1"}')
    equal(witness.next_json("reply", id="r1")["status"], "duplicate")
    machine.event("published")
    equal(len(machine.events("restart")), 1, "restarts")


@test
def test_reset_button_and_power(world):
    broker = world.broker()
    witness = world.witness(broker)
    machine = world.agent(broker).start_online()
    witness.next_json("status", status="online", reset_reason="power_on")
    machine.press_reset()
    status = witness.next_json("status", status="online", boot=2)
    check(status["reset_reason"] not in ("power_on", "command"), f"{status}")
    machine.kill()
    machine.start()
    witness.next_json("status", status="online", boot=3,
                      reset_reason="power_on")


@test
def test_crash_is_reported(world):
    """A pointer to nowhere: the machine says where, resets and says why."""
    broker = world.broker()
    witness = world.witness(broker)
    machine = world.agent(broker).start_online()
    machine.is_crash_wanted = True
    machine.jump("__bss_end")
    machine.text("panic: trap")
    witness.next_json("status", status="online", boot=2, reset_reason="crash")


@test
def test_watchdog_ends_a_program_that_hangs(world):
    """Time is counted in instructions, so half a minute is soon over."""
    broker = world.broker()
    witness = world.witness(broker)
    broker.kill()
    machine = world.agent(broker, options=["-icount", "shift=7"]).start()
    machine.event("retry")
    machine.is_crash_wanted = True
    machine.jump("hwi_rv32_end")
    machine.text("watchdog: no progress", 60)
    machine.event("retry")
    broker.start()
    witness = world.witness(broker)
    status = witness.next_json("status", 60, status="online")
    equal((status["reset_reason"], status["boot"]), ("watchdog", 2))


@test
def test_machine_that_lacks_what_it_needs_says_so(world):
    broker = world.broker()
    machine = world.agent(broker).start_online()
    machine.kill()
    whole = machine.command()
    for device, words in (("virtio-rng-device", "random numbers"),
                          ("virtio-blk-device", "no flash"),
                          ("virtio-net-device", "network card")):
        at = next(i for i, w in enumerate(whole) if w.endswith("firmware-run"))
        with open(whole[at]) as f:
            script = "".join(line for line in f if device not in line)
        lame = world.write("run", script.replace(
            'FIRMWARE.BIN FLASH', ''), 0o755)
        done = subprocess.run([lame, *whole[at + 1:]], timeout=60,
                              stdout=subprocess.PIPE, check=False)
        equal(done.returncode, 96, device)
        check(words in done.stdout.decode(), f"{done.stdout}")


@test
def test_flash_without_settings(world):
    broker = world.broker()
    machine = world.agent(broker)
    machine.start()
    machine.kill()
    with open(machine.flash, "r+b") as f:
        f.write(b"\xff" * 64)
    done = subprocess.run(machine.command(), timeout=60, check=False,
                          stdout=subprocess.PIPE)
    equal(done.returncode, 96)
    check(b"firmware-flash" in done.stdout, f"{done.stdout}")


@test
def test_address_of_the_broker_without_a_name_server(world):
    broker = world.broker()
    machine = world.agent(broker, {"broker": {
        "url": f"mqtts://{HOST_IP}:{broker.port.number}"}})
    machine.names.silent = True
    machine.start_online()
