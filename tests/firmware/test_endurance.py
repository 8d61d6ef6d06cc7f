# SPDX-License-Identifier: Apache-2.0
"""What takes long: power cuts without end, a day without a broker, memory over
many connections."""
import os
import random
import subprocess

from harness.process import check, equal
from harness.registry import test

CUTS = int(os.environ.get("FIRMWARE_CUTS", "50"))
LINE_CUTS = int(os.environ.get("FIRMWARE_LINE_CUTS", "25"))
DAY_S = 86400
CAP_S = 130  # the longest wait is two minutes


def passes(machine, seconds):
    """This time passes for the machine."""
    try:
        machine.process.child.wait(seconds)
    except subprocess.TimeoutExpired:
        pass


def power_cuts(world, seed):
    """The machine is switched off again and again, wherever it is, while its
    flash is written: nothing that was once stored is lost, none comes under
    another's number, and boots stay counted."""
    randomly = random.Random(seed)
    broker = world.broker()
    witness = world.witness(broker)
    machine = world.agent(broker, {"retry": {"speed": 1000}})
    stored = 0
    for _ in range(CUTS):
        machine.start()
        machine.event(randomly.choice(("start", "start", "link_up", "time",
                                       "tls", "online", "published")), 30)
        passes(machine, randomly.random() * 0.1)
        machine.kill()
        # The power may go in the middle of a line of the log.
        stored += max((e["seq"] for e in machine.events("stored", "published")
                       if "seq" in e), default=0)
    machine.start()
    machine.event("published", 60, waiting=0)
    boot = witness.all("status")[-1].json["boot"]
    witness.next_json("data", 60, boot=boot)
    boots, told = {}, []
    for data in (m.json for m in witness.all("data")):
        boots.setdefault(data["boot"], set()).add(data["seq"])
    for event in (m.json for m in witness.all("event")):
        told += event.get("lost", [])
    equal(told, [], "told as lost")
    for boot, numbers in boots.items():
        equal(set(range(1, max(numbers) + 1)) - numbers, set(),
              f"missing of boot {boot}")
    came = sum(map(len, boots.values()))
    check(came >= stored, f"{stored} stored, {came} came")
    check(CUTS * 0.8 < boot <= CUTS + 1, f"boot {boot} after {CUTS} cuts")
    print(f"{CUTS} cuts, {boot} boots counted, {stored} stored, {came} came")


@test
def test_power_cuts_first(world):
    power_cuts(world, 1)


@test
def test_power_cuts_second(world):
    power_cuts(world, 2)


@test
def test_power_cuts_third(world):
    power_cuts(world, 3)


@test
def test_power_cuts_fourth(world):
    power_cuts(world, 4)


@test
def test_a_day_without_a_broker(world):
    """In virtual time, which runs while the machine sleeps: it never gives up,
    never hurries, and is online soon after the broker is back."""
    broker = world.broker()
    broker.kill()
    machine = world.agent(broker, {
        "telemetry": {"interval_s": 3600}, "retry": {"speed": 1}},
        options=["-icount", "shift=3,sleep=off"]).start()
    last = machine.process.stream.next(
        "day", lambda e: e.get("at_s", 0) > DAY_S, 120, "the day's end")
    at_s = [e["at_s"] for e in machine.events("retry")]
    gaps = [b - a for a, b in zip(at_s, at_s[1:])]
    check(max(gaps) < CAP_S, f"it paused for {max(gaps)} s")
    check(DAY_S / (CAP_S) < len(at_s) < 2000, f"{len(at_s)} attempts")
    stored = len(machine.events("stored"))
    check(stored in (24, 25), f"{stored} measurements")
    broker.start()
    witness = world.witness(broker)
    machine.event("online", 60)
    witness.next("data", lambda m: m.json["seq"] == 1, 60)
    print(f"{len(at_s)} attempts in {last['at_s'] / 3600:.1f} h, the longest "
          f"pause {max(gaps):.0f} s")


@test
def test_memory_is_flat_over_many_connections(world):
    """After some connections no memory is missing that was there before."""
    broker = world.broker()
    witness = world.witness(broker)
    relay = world.relay(broker)
    machine = world.agent(broker, {
        "broker": {"url": f"mqtts://localhost:{relay.port.number}"},
        "retry": {"speed": 1000}}).start_online()
    free = []
    for _ in range(LINE_CUTS):
        data = witness.next("data", lambda m: "hist" not in m.json, 30).json
        free.append(data["heap"])
        relay.cut()
        machine.event("offline")
        machine.event("online", 30)
    early, late = free[2:8], free[-6:]
    check(min(late) >= min(early), f"free memory: {free}")
    print(f"{LINE_CUTS} connections, {min(late)} bytes of TLS's memory free")
