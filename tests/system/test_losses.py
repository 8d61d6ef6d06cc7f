# SPDX-License-Identifier: Apache-2.0
"""The broker goes, and comes back: nothing is lost, nothing comes twice."""
import json

from harness import DEADLINE_S, Broker, Witness, expect


def seqs(witness):
    return [m.json()["seq"] for m in witness.seen("/data")]


def test_outage_of_twelve_attempts_loses_nothing(world):
    broker = Broker(world)
    witness = Witness(world, broker)
    agent = world.agent(broker, retry={"speed": 200})
    agent.expect("published")
    agent.expect("published")
    broker.kill()
    agent.expect("offline")
    for attempt in range(12):
        agent.expect("retry", deadline_s=3 * DEADLINE_S)
    stored = agent.expect("stored")["seq"]
    before = seqs(witness)
    broker.start()
    witness = Witness(world, broker)
    agent.expect("online", deadline_s=3 * DEADLINE_S)
    witness.lines.wait(lambda m: m.topic.endswith("/data")
                       and m.json()["seq"] > stored, "live telemetry again")
    after = seqs(witness)
    expect(after == sorted(set(after)), f"once each, in order: {after}")
    first = max(before) + 1
    missing = set(range(first, stored + 1)) - set(after)
    expect(not missing, f"missing {sorted(missing)} of {first}..{stored}")
    hist = [m.json() for m in witness.seen("/data")
            if m.json()["seq"] == stored][0]
    expect(hist.get("hist") is True, f"marked as historical: {hist}")
    live = json.loads(witness.seen("/data")[-1].payload)
    expect("hist" not in live, f"live is not: {live}")


def test_frozen_broker_is_noticed(world):
    import signal
    broker, _, agent = world.online(broker={"keep_alive_s": 5})
    broker.process.send_signal(signal.SIGSTOP)
    try:
        lost = agent.expect("offline", deadline_s=DEADLINE_S + 15)
        expect(lost["cause"] == "ping_lost", f"{lost}")
    finally:
        broker.process.send_signal(signal.SIGCONT)
    agent.expect("online")


def test_broker_absent_at_the_start(world):
    broker = Broker(world)
    broker.kill()
    agent = world.agent(broker)
    for _ in range(3):
        agent.expect("retry", cause="tcp_refused")
    broker.start()
    agent.expect("online", deadline_s=3 * DEADLINE_S)


def test_stale_offline_is_answered_by_online(world):
    broker, witness, agent = world.online()
    witness.expect("/status", status="online")
    broker.publish("hawser/esp-001/status",
                   b'{"device":"esp-001","status":"offline","session":0}', "-r")
    witness.expect("/status", status="offline")
    witness.expect("/status", status="online")


def test_refused_login_is_told_and_tried_again(world):
    broker = Broker(world)
    wrong = world.folder / "wrong"
    wrong.write_text("not the password\n")
    wrong.chmod(0o600)
    agent = world.agent(broker, broker={"password_file": wrong})
    agent.expect("retry", cause="mqtt_not_authorised")
    agent.expect("retry", cause="mqtt_not_authorised",
                 deadline_s=3 * DEADLINE_S)
    expect("not the password" not in agent.output(), "secret in the log")
