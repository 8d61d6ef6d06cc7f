# SPDX-License-Identifier: Apache-2.0
"""Brokers that forget, and brokers that come and go: every measurement arrives,
at least once and in order."""
import os
import time

from harness.process import check, equal
from harness.registry import long_test, test


def come_and_go(world, times):
    """Between two lives of the broker a new witness is there before the device
    is let in, and none ends before it has what the broker had taken."""
    broker = world.broker()
    relay = world.relay(broker)
    agent = world.agent(broker, {
        "broker": {"url": f"mqtts://localhost:{relay.port.number}"},
        "retry": {"speed": 200}}).start_online()
    witness = world.witness(broker)
    seqs, slowest = [], 0
    for i in range(times + 1):
        witness.next("data", seconds=30)
        agent.event("published", 30)
        # What was acknowledged until now went out before the mark.
        relay.stall()
        broker.publish("hawser/mark/control", str(i))
        witness.next("control", lambda m: m.payload == str(i).encode())
        agent.skip()
        relay.shut()
        end = broker.stop if i % 2 else broker.kill
        end()
        relay.cut()
        relay.flow()
        seqs += [m.json["seq"] for m in witness.all("data")]
        witness.close()
        agent.event("offline", 30)
        broker.start()
        witness = world.witness(broker)
        relay.open()
        start = time.monotonic()
        agent.event("online", 60)
        slowest = max(slowest, time.monotonic() - start)
    firsts = sorted(set(seqs), key=seqs.index)
    equal(firsts, list(range(firsts[0], firsts[0] + len(firsts))),
          "measurements that arrived")
    print(f"recovered {slowest:.1f} s at the slowest of {times} restarts, "
          f"{len(firsts)} measurements, duplicated "
          f"{len(seqs) - len(firsts)}, lost 0")


@test
def test_broker_restarted_5_times_loses_nothing(world):
    come_and_go(world, 5)


@long_test
def test_broker_restarted_100_times_loses_nothing(world):
    come_and_go(world, 100)


@test
def test_broker_that_lost_its_sessions_gets_everything(world):
    """Its database is gone: the session is not present any more. What was on
    its way is sent anew, and commands are subscribed to again."""
    broker = world.broker()
    agent = world.agent(broker).start_online()
    witness = world.witness(broker)
    witness.next("data")
    broker.kill()
    agent.event("offline")
    stored = agent.event("stored")["seq"]
    for name in os.listdir(broker.folder):
        if name.endswith(".db"):
            os.unlink(broker.path(name))
    witness.close()
    broker.start()
    start = time.monotonic()
    witness = world.witness(broker)
    agent.event("online", 30)
    print(f"recovered {time.monotonic() - start:.1f} s")
    agent.event("published", 20, seq=stored)
    broker.publish("hawser/dev1/control", '{"command":"ping","id":"p"}')
    equal(witness.next_json("reply", id="p")["status"], "succeeded")
    check(not agent.events("alert"), f"alerts: {agent.events('alert')}")
