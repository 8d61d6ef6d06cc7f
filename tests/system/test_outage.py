# SPDX-License-Identifier: Apache-2.0
"""What is measured while the broker is away arrives, once and in order; and
the device finds another broker, or the same one again."""
import json
import signal

from harness.net import Port
from harness.process import check, equal, wait_until
from harness.registry import test

# A line that ends soon after CONNACK has a cause of its own.
ENDED = ("closed", "mqtt_kicked")


def ended_in(agent, causes):
    entry = agent.event("offline")
    check(entry["cause"] in causes, f"the cause: {entry}")
    return entry


def sequence(witness):
    return [m.json["seq"] for m in witness.all("data")]


@test
def test_twelve_failed_attempts_lose_nothing(world):
    broker = world.broker()
    relay = world.relay(broker)
    agent = world.agent(broker, {
        "broker": {"url": f"mqtts://localhost:{relay.port.number}"},
        "sensors": {"count": "simulated:1..9"}, "retry": {"speed": 15}})
    agent.start_online()
    witness = world.witness(broker)
    before = witness.next("data").json["seq"]
    witness.close()
    relay.shut()
    broker.stop()
    agent.skip()
    for _ in range(12):
        agent.event("retry", 60, cause="tcp_refused")
    for _ in range(4):
        agent.event("stored", 60)
    # The witness is there before the device is let in: it misses nothing.
    broker.start()
    witness = world.witness(broker)
    relay.open()
    agent.event("online", 60)
    stored = [e["seq"] for e in agent.events("stored") if e["seq"] > before]
    witness.next("data", lambda m: m.json["seq"] > max(stored), 60)
    seqs = sequence(witness)
    equal(seqs, list(range(seqs[0], seqs[0] + len(seqs))),
          "order and number of the measurements")
    check(len(stored) >= 4 and set(stored) <= set(seqs), f"stored {stored}, arrived {seqs}")
    history = [m.json for m in witness.all("data") if m.json.get("hist")]
    check({h["seq"] for h in history} >= set(stored),
          f"not marked as history: stored {stored}, marked {history}")
    times = [m.json["time"] for m in witness.all("data")]
    equal(times, sorted(times), "times of measurement")
    status = witness.next_json("status", status="online")
    check("lost" not in status, f"lost telemetry: {status}")


@test
def test_broker_killed_under_the_device(world):
    broker = world.broker()
    agent = world.agent(broker).start_online()
    world.witness(broker).next("data")
    agent.skip()
    broker.kill()
    ended_in(agent, ENDED)
    agent.event("stored")
    last = agent.event("stored")["seq"]
    broker.start()
    agent.event("online")
    witness = world.witness(broker)
    witness.next("data", lambda m: m.json["seq"] > last)
    equal(agent.event("published", seq=last)["seq"], last)
    published = [e["seq"] for e in agent.events("published")]
    equal(sorted(set(published)), list(range(1, max(published) + 1)),
          "published")
    equal(witness.next_json("status", status="online")["status"], "online")


@test
def test_next_broker_after_five_failures(world):
    broker = world.broker()
    nobody = world.keep(Port())
    agent = world.agent(broker, {
        "broker": {"url": f"mqtts://localhost:{nobody.number} {broker.url}"},
        "retry": {"speed": 100}}).start()
    agent.event("online", 60)
    failures = agent.events("retry")
    equal([f["cause"] for f in failures], ["tcp_refused"] * 5, "causes")


@test
def test_line_that_is_cut_comes_back_at_once(world):
    broker = world.broker()
    relay = world.relay(broker)
    agent = world.agent(broker, {"broker": {
        "url": f"mqtts://localhost:{relay.port.number}"}}).start_online()
    witness = world.witness(broker)
    for _ in range(3):
        session = witness.next_json("status", status="online")["session"]
        # What ends right after a PUBLISH looks like a missing permission.
        agent.event("published")
        relay.cut()
        ended_in(agent, ENDED)
        agent.event("online")
        again = witness.next("status", lambda m: m.json["status"] == "online"
                             and m.json["session"] > session)
        check(again.json["boot"] == 1, "it started anew")
    seq = witness.next("data").json["seq"]
    witness.next("data", lambda m: m.json["seq"] > seq + 1)
    seqs = sequence(witness)
    equal(sorted(set(seqs)), list(range(min(seqs), max(seqs) + 1)), "seq")


@test
def test_line_that_is_reset_is_named_and_comes_back(world):
    broker = world.broker()
    relay = world.relay(broker)
    agent = world.agent(broker, {"broker": {
        "url": f"mqtts://localhost:{relay.port.number}"}}).start_online()
    for _ in range(3):
        agent.event("published")
        relay.reset()
        entry = ended_in(agent, ENDED)
        check("reset" in entry["detail"], f"no reset: {entry}")
        agent.event("online")


@test
def test_tls_session_is_resumed_after_a_cut(world):
    broker = world.broker()
    relay = world.relay(broker)
    agent = world.agent(broker, {"broker": {
        "url": f"mqtts://localhost:{relay.port.number}"}}).start_online()
    equal(agent.event("tls")["resumed"], False, "resumed at first")
    relay.cut()
    equal(agent.event("tls")["resumed"], True, "resumed afterwards")
    agent.event("online")


@test
def test_broker_that_accepts_and_says_nothing(world):
    broker = world.broker()
    relay = world.relay(broker)
    relay.stall()
    agent = world.agent(broker, {"broker": {
        "url": f"mqtts://localhost:{relay.port.number}"}}).start()
    agent.event("retry", 45, cause="tls_timeout")
    relay.cut()
    relay.flow()
    agent.event("online", 30)


@test
def test_frozen_broker_is_noticed(world):
    broker = world.broker()
    agent = world.agent(broker).start_online()
    broker.process.signal(signal.SIGSTOP)
    try:
        equal(agent.event("offline", 30)["cause"], "ping_lost")
    finally:
        broker.process.signal(signal.SIGCONT)
    agent.event("online", 40)


@test
def test_wrong_password_is_named_and_slow(world):
    broker = world.broker()
    wrong = world.write("wrong", "wrong\n", 0o600)
    agent = world.agent(broker, {"broker": {"password_file": wrong},
                                 "retry": {"speed": 1000}}).start()
    agent.event("offline", cause="mqtt_not_authorised")
    agent.event("offline", cause="mqtt_not_authorised")
    equal(agent.events("online"), [], "online")


@test
def test_messages_that_the_broker_refuses_are_told(world):
    """Mosquitto's access list lets everybody subscribe and refuses message by
    message: the line stays up, the log says what is wrong."""
    broker = world.broker()
    agent = world.agent(broker, {"topics": {"root": "elsewhere"}}).start()
    equal(agent.event("refused")["reason"], 0x87, "reason")
    agent.event("online")
    agent.event("refused", code="message_refused")
    equal(agent.events("published"), [], "published")


@test
def test_twins_with_the_same_id_do_not_hammer_the_broker(world):
    broker = world.broker()
    first = world.agent(broker).start_online()
    second = world.agent(broker).start_online()
    # Mosquitto 2.0 says nothing when it ends the older line.
    cause = first.event("offline")["cause"]
    check(cause in ("mqtt_taken_over", "mqtt_kicked"), f"the cause: {cause}")
    equal(first.event("retry")["cause"], cause)
    second.stop()
    first.event("online", 40)
    check(broker.log().count("already connected") < 20, "a takeover war")


@test
def test_own_stale_will_is_corrected(world):
    broker = world.broker()
    world.agent(broker).start_online()
    witness = world.witness(broker, "hawser/dev1/status")
    online = witness.next_json("status", status="online")
    stale = dict(online, status="offline", session=online["session"] - 1)
    broker.publish("hawser/dev1/status", json.dumps(stale), "-r")
    witness.next_json("status", status="offline")
    witness.next_json("status", status="online")
    wait_until(lambda: world.witness(broker, "hawser/dev1/status")
               .next("status").json["status"] == "online", 10, "online kept")


@test
def test_what_was_measured_before_the_first_connection_arrives(world):
    broker = world.broker()
    relay = world.relay(broker)
    relay.shut()
    agent = world.agent(broker, {
        "broker": {"url": f"mqtts://localhost:{relay.port.number}"},
        "retry": {"speed": 100}}).start()
    for _ in range(6):
        last = agent.event("stored", 30)["seq"]
    witness = world.witness(broker)
    relay.open()
    witness.next("data", lambda m: m.json["seq"] >= last, 60)
    equal(sequence(witness)[:last], list(range(1, last + 1)), "seq")
