# SPDX-License-Identifier: Apache-2.0
"""The agent's story once, watched by valgrind: no invalid access, no leak.
Needs a program without sanitizers: HAWSER_PLAIN names it."""
import os
import shutil

from harness.process import check, equal
from harness.registry import Skip, test

FOUND = 99


@test
def test_valgrind_finds_nothing_in_the_story(world):
    plain = os.environ.get("HAWSER_PLAIN")
    if not plain or not shutil.which("valgrind"):
        raise Skip("valgrind needs itself and HAWSER_PLAIN")
    broker = world.broker()
    witness = world.witness(broker)
    report = world.path("valgrind")
    agent = world.agent(broker, {
        "broker": {"keep_alive_s": 60},
        "sensors": {"temperature": "simulated:20..25",
                    "load": "exec:/bin/echo 1.5"}},
        wrap=["valgrind", "-q", f"--error-exitcode={FOUND}",
              "--leak-check=full", "--show-leak-kinds=definite,indirect",
              "--errors-for-leak-kinds=definite,indirect",
              "--num-callers=30", f"--log-file={report}.%p"])
    agent.hawser = plain
    try:
        agent.start()
        agent.event("online", 90)
        first = witness.next("data", seconds=30).json["seq"]
        broker.publish("hawser/dev1/control", '{"command":"ping"}')
        witness.next_json("reply", command="ping", seconds=30)
        broker.publish("hawser/dev1/control", b"\xff\x00{")
        witness.next_json("reply", status="rejected", seconds=30)
        broker.kill()
        agent.event("stored", 60)
        broker.start()
        agent.event("online", 90)
        witness = world.witness(broker)
        agent.reload({"telemetry": {"interval_s": 2}})
        agent.event("config", 30, level="info")
        agent.event("online", 90)
        witness.next("data", lambda m: m.json["seq"] > first, 30)
        equal(agent.process.stop(60), 0, "exit code")
    finally:
        agent.close()
        said = "".join(open(world.path(n)).read()
                       for n in sorted(os.listdir(world.folder))
                       if n.startswith("valgrind."))
    check(not said.strip(), f"valgrind: {said[:4000]}")
