# SPDX-License-Identifier: Apache-2.0
"""Time from servers that lie, and time over the line. What comes of each lie in
every state of the clock is in src/device/time_table_test.c; here is what the
whole agent does when real datagrams come."""
import time

from harness.process import Process, check, equal
from harness.registry import test

DAY_S = 86400

# What one server does, or each of three; the confidence, and by how many days
# the device's time is then wrong.
ROWS = (
    ("right", [{}], 2, 0),
    ("forged", [{"forged": True}], 1, None),
    ("elsewhere", [{"elsewhere": True}], 1, None),
    ("rate", [{"kiss": "RATE"}], 1, None),
    ("deny", [{"kiss": "DENY"}], 1, None),
    ("stratum", [{"stratum": 16}], 1, None),
    ("silent", [{"silent": True}], 1, None),
    ("past", [{"offset": -20 * 365 * DAY_S}], 1, None),
    ("future", [{"offset": 30 * 365 * DAY_S}], 1, None),
    ("pair", [{}, {"offset": 5 * DAY_S}, {"offset": 5 * DAY_S}], 2, 5),
)


@test
def test_what_time_servers_do_is_what_the_clock_says(world):
    broker = world.broker(devices=[row[0] for row in ROWS])
    agents = []
    for name, servers, _, _ in ROWS:
        ports = [world.sntp(**behaviour).port for behaviour in servers]
        agents.append(world.agent(broker, {
            "telemetry": {"interval_s": 3600},
            "time": {"servers": " ".join(f"127.0.0.1:{p}" for p in ports)}},
            id=name).start())
    witness = world.witness(broker)
    for (name, _, confidence, days), agent in zip(ROWS, agents):
        agent.event("online", 60)
        status = witness.next(
            f"{name}/status",
            lambda m: m.json["status"] == "online", 30).json
        equal((name, status["time_confidence"], "time" in status),
              (name, confidence, days is not None))
        if days is not None:
            wrong_s = status["time"] - time.time() - days * DAY_S
            check(abs(wrong_s) < 120, f"{name}: wrong by {wrong_s} s more")
        dates = "full" if confidence == 2 else "floor"
        security = witness.next(f"{name}/security").json
        equal((name, security["dates"]), (name, dates))


@test
def test_time_over_the_line_outlives_a_power_cut(world):
    broker = world.broker()
    sntp = world.sntp(silent=True)
    agent = world.agent(broker, {
        "time": {"servers": f"127.0.0.1:{sntp.port}"}})
    teller = Process("time", [world.hawser, "time", "--config",
                              broker.operator_ini, "--trust-clock"],
                     world.path("time.errors"))
    try:
        witness = world.witness(broker)
        agent.start()
        entry = agent.event("time", 40)
        equal((entry["source"], entry["confidence"]), ("line", 3))
        status = witness.next_json("status", 20, time_confidence=3)
        check(abs(status["time"] - time.time()) < 60, f"{status}")
        check("hawser/dev1/event" in teller.stream.next(
            "answered", lambda line: "answered" in line, 10, "answer"),
            "whom it answered")
    finally:
        teller.stop(10)
        equal(teller.errors(), "", "hawser time")
    agent.kill()
    # A time that would do for the firmware's own date, but is before the
    # floor by now.
    sntp.silent, sntp.offset = False, -90
    agent.start()
    agent.event("online", 60)
    equal(agent.events("time")[1:], [], "times believed")
    status = witness.next_json("status", 20, boot=2, status="online")
    equal((status["time_confidence"], "time" in status), (1, False))
    # On the spot it can be forgotten.
    agent.stop()
    agent.process = Process(
        "agent", agent.command("--log", "json", "--forget-time"),
        agent.error_path, parse=agent.parse)
    entry = agent.event("time", 40)
    equal((entry["source"], entry["confidence"]), ("sntp", 2))


@test
def test_time_of_a_clock_that_nothing_keeps_is_not_told(world):
    broker = world.broker()
    said = Process("time", [world.hawser, "time", "--config",
                            broker.operator_ini], world.path("errors"))
    time.sleep(0.5)
    # On a machine whose clock is synchronised it runs; else it says why not.
    if said.is_running():
        equal(said.stop(10), 0, "exit code")
    else:
        equal(said.child.wait(), 1, "exit code")
        check("--trust-clock" in said.errors(), said.errors())
