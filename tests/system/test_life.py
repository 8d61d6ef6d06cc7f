# SPDX-License-Identifier: Apache-2.0
"""A device's life as the broker sees it: online, telemetry, commands, the end,
however it comes."""
import json
import os
import signal
import time

from harness.process import check, equal, run
from harness.registry import test


@test
def test_status_is_online_and_retained(world):
    broker = world.broker()
    agent = world.agent(broker).start_online()
    # Subscribed only now: what comes is what the broker has kept.
    witness = world.witness(broker)
    message = witness.next("status")
    check(message.retained, "status is not retained")
    status = message.json
    equal(list(status)[:4], ["device", "status", "tls", "version"],
          "first members")
    equal((status["device"], status["status"], status["tls"],
           status["version"]), ("dev1", "online", True, "2.1.0"))
    check(status["boot"] >= 1 and status["session"] >= 1, f"{status}")
    equal((status["tls_version"], status["time_confidence"] >= 2),
          ("TLSv1.3", True), "TLS version, known time")
    check(abs(status["time"] - time.time()) < 60, f"time {status['time']}")
    security = witness.next("security")
    check(security.retained, "security is not retained")
    equal(security.json["tls_version"], "TLSv1.3")
    equal(security.json["dates"], "full", "how dates were checked")
    equal(agent.event("tls")["version"], "TLSv1.3")
    equal(agent.event("time")["confidence"], 2)
    equal(agent.event("link_up")["interface"], agent.interface)


@test
def test_telemetry_carries_what_the_sensors_gave(world):
    broker = world.broker()
    witness = world.witness(broker)
    file = world.write("temperature", "24.50\n")
    agent = world.agent(broker, {"sensors": {
        "temperature": f"file:{file}",
        "humidity": "exec:/bin/echo 65.2",
        "pressure": "file:/nonexistent/pressure",
        "broken": "exec:/bin/false",
        "words": f"file:{world.write('words', 'no number')}",
    }}).start_online()
    first = witness.next("data")
    check(not first.retained, "telemetry is retained")
    check(b'"temperature":24.50,' in first.payload,
          f"a digit of 24.50 is lost: {first}")
    data = first.json
    equal((data["device"], data["humidity"]), ("dev1", 65.2))
    for absent in ("pressure", "broken", "words", "simulated"):
        check(absent not in data, f"{absent} was made up: {data}")
    check(data["heap"] > 0 and data["uptime"] >= 0, f"{data}")
    check(abs(data["time"] - time.time()) < 60, f"{data}")
    world.write("temperature", "-3.125\n")
    second = witness.next("data", lambda m: m.json["temperature"] != 24.5)
    check(b'"temperature":-3.125,' in second.payload, str(second))
    check(second.json["seq"] > data["seq"], "seq does not count")
    os.unlink(file)
    witness.next("data", lambda m: "temperature" not in m.json)
    agent.event("published")


@test
def test_simulated_telemetry_says_so(world):
    broker = world.broker()
    witness = world.witness(broker)
    world.agent(broker, {"sensors": {
        "temperature": "simulated:20..25"}}).start_online()
    data = witness.next("data").json
    equal(data["simulated"], True)
    check(20 <= data["temperature"] <= 25, f"{data}")


@test
def test_telemetry_qos_0_is_sent(world):
    broker = world.broker()
    witness = world.witness(broker)
    world.agent(broker, {"telemetry": {"qos": 0}}).start_online()
    first = witness.next("data").json
    equal(witness.next("data").json["seq"], first["seq"] + 1, "next seq")


@test
def test_ping_answers_pong(world):
    broker = world.broker()
    agent = world.agent(broker).start_online()
    witness = world.witness(broker)
    broker.publish("hawser/dev1/control", '{"command":"ping"}')
    pong = witness.next("status", lambda m: m.json["status"] == "pong")
    equal(pong.json, {"device": "dev1", "status": "pong"})
    check(not pong.retained, "pong is retained")
    reply = witness.next_json("reply", command="ping")
    equal((reply["status"], "id" in reply), ("succeeded", False))
    # What the broker keeps is still the state, not the pong.
    later = world.witness(broker, "hawser/dev1/status").next("status")
    equal((later.json["status"], later.retained), ("online", True))
    equal(agent.event("command")["command"], "ping")


@test
def test_id_is_echoed_and_response_topic_obeyed(world):
    broker = world.broker()
    world.agent(broker).start_online()
    witness = world.witness(broker, "hawser/dev1/reply", "hawser/dev1/reply/#",
                            "hawser/other/#")
    asked = world.keep(Responses(world, broker))
    command = json.dumps({"command": "get_status", "id": "a \"1\" é"})
    options = ["-V", "5", "-D", "publish", "correlation-data", "c-42",
               "-D", "publish", "response-topic", "hawser/dev1/reply/me"]
    broker.publish("hawser/dev1/control", command, *options)
    reply = witness.next_json("me", command="get_status")
    equal((reply["id"], reply["status"]), ("a \"1\" é", "succeeded"))
    equal(reply["result"]["status"], "online")
    equal(asked.next(), "c-42", "correlation data")
    # A reply goes nowhere outside the device's own tree, nor onto control.
    for topic in ("hawser/other/reply", "hawser/dev1/control", "x"):
        options[-1] = topic
        broker.publish("hawser/dev1/control",
                       json.dumps({"command": "get_status", "id": topic}),
                       *options)
        witness.next_json("reply", id=topic)
    equal(len(witness.all("other/reply")), 0, "replies to another's topic")


class Responses:
    """A witness of correlation data, which is a property of MQTT 5."""

    def __init__(self, world, broker):
        self.inner = world.witness(broker, "hawser/dev1/reply/me",
                                   options=("-V", "5", "-F", "data %D"))
        self.inner.process.parse = lambda line: \
            line[5:] if line.startswith("data ") else None

    def next(self):
        return self.inner.process.stream.next("data", lambda i: i[:1] != "S",
                                              15, "correlation data")

    def close(self):
        self.inner.close()


@test
def test_restart_is_answered_afterwards(world):
    broker = world.broker()
    agent = world.agent(broker).start_online()
    witness = world.witness(broker)
    before = witness.next_json("status", status="online")
    pid, stack = agent.pid, memory_map(agent.pid)
    broker.publish("hawser/dev1/control", '{"command":"restart","id":"r1"}')
    witness.next_json("status", status="restarting")
    after = witness.next_json("status", status="online")
    equal(after["boot"], before["boot"] + 1, "boot")
    check(after["session"] > before["session"], f"session: {after}")
    equal(after["reset_reason"], "command")
    reply = witness.next_json("reply", id="r1")
    equal((reply["command"], reply["status"], reply["boot"],
           reply["result"]["reset_reason"]),
          ("restart", "succeeded", after["boot"], "command"))
    # It is a new program in the old process: same number, other memory.
    equal((agent.pid, agent.process.is_running()), (pid, True))
    check(memory_map(pid) != stack, "the process was not executed anew")
    equal(len(agent.events("start")), 2, "starts")
    # The same command again is not obeyed twice.
    broker.publish("hawser/dev1/control", '{"command":"restart","id":"r1"}')
    equal(witness.next_json("reply", id="r1")["status"], "duplicate")
    equal(len(agent.events("start")), 2, "starts")


def memory_map(pid):
    with open(f"/proc/{pid}/maps") as f:
        return [line for line in f if "[stack]" in line]


@test
def test_restart_runs_the_configured_program(world):
    broker = world.broker()
    done = world.path("done")
    program = world.write("restart", f"#!/bin/sh\necho $1 >{done}\n", 0o755)
    agent = world.agent(broker, {"device": {
        "restart_program": f"{program} words"}}).start_online()
    broker.publish("hawser/dev1/control", '{"command":"restart"}')
    equal(agent.process.wait(20), 0, "exit code")
    with open(done) as f:
        equal(f.read(), "words\n")


@test
def test_set_interval_changes_the_pace(world):
    broker = world.broker()
    agent = world.agent(broker, {"telemetry": {
        "interval_s": 3600}}).start_online()
    witness = world.witness(broker)
    world.hawser_run("send", "--config", broker.operator_ini, "dev1",
                     "set_interval", "interval_s=1")
    first = witness.next("data", lambda m: m.json["seq"] >= 2, 20)
    equal(witness.next("data").json["seq"], first.json["seq"] + 1)
    equal(agent.event("command", command="set_interval")["status"],
          "succeeded")


@test
def test_will_says_offline_after_kill(world):
    broker = world.broker()
    agent = world.agent(broker).start_online()
    witness = world.witness(broker)
    online = witness.next_json("status", status="online")
    agent.kill()
    start = time.monotonic()
    will = witness.next("status", lambda m: m.json["status"] == "offline")
    check(time.monotonic() - start < 7.5, "later than 1.5 keep-alives")
    equal(will.json["session"], online["session"], "session of the will")
    kept = world.witness(broker, "hawser/dev1/status").next("status")
    equal((kept.json["status"], kept.retained), ("offline", True))
    # What died so is told at the next start, which says online again.
    agent.start_online()
    again = witness.next_json("status", status="online")
    equal((again["reset_reason"], again["boot"]),
          ("crash", online["boot"] + 1))


@test
def test_will_says_offline_when_the_line_is_dead(world):
    broker = world.broker()
    relay = world.relay(broker)
    agent = world.agent(broker, {"broker": {
        "url": f"mqtts://localhost:{relay.port.number}"}}).start_online()
    witness = world.witness(broker)
    witness.next_json("status", status="online")
    relay.stall()
    start = time.monotonic()
    witness.next_json("status", status="offline", seconds=30)
    # Mosquitto looks at its clients every few seconds.
    check(time.monotonic() - start < 1.5 * 5 + 5, "later than 1.5 keep-alives")
    # The device notices, too, and comes back by itself.
    lost = agent.event("offline", 30)
    check(lost["cause"] in ("ping_lost", "closed"), f"{lost}")
    relay.cut()
    relay.flow()
    witness.next_json("status", status="online", seconds=30)


@test
def test_clean_stop_says_offline_at_once(world):
    broker = world.broker()
    for number in (signal.SIGTERM, signal.SIGINT):
        agent = world.agent(broker, {"broker": {
            "keep_alive_s": 600}}).start_online()
        witness = world.witness(broker, "hawser/dev1/status")
        witness.next_json("status", status="online")
        start = time.monotonic()
        agent.signal(number)
        equal(agent.process.wait(10), 0, "exit code")
        offline = witness.next("status",
                               lambda m: m.json["status"] == "offline", 5)
        check(time.monotonic() - start < 5, "it took too long")
        equal(offline.json["device"], "dev1")
        witness.close()
    ends = [line for line in broker.log().splitlines() if
            "Client dev1 " in line and "connected from" not in line]
    equal([line.split(": ", 1)[1] for line in ends],
          ["Client dev1 disconnected."] * 2, "how Mosquitto saw the ends")


@test
def test_reset_reason_after_a_clean_stop(world):
    broker = world.broker()
    agent = world.agent(broker).start_online()
    agent.stop()
    witness = world.witness(broker)
    agent.start_online()
    status = witness.next_json("status", status="online")
    equal((status["reset_reason"], status["boot"]), ("software", 2))


@test
def test_sighup_reads_the_configuration_again(world):
    broker = world.broker()
    agent = world.agent(broker, {"telemetry": {
        "interval_s": 3600}}).start_online()
    witness = world.witness(broker)
    equal(witness.next_json("status", status="online")["interval_s"], 3600)
    agent.reload({"telemetry": {"interval_s": 1},
                  "device": {"firmware": "2.2.0"}})
    agent.event("config", level="info")
    status = witness.next_json("status", status="online", version="2.2.0")
    equal((status["interval_s"], status["boot"]), (1, 1))
    witness.next("data", lambda m: m.json["seq"] >= 3, 20)
    equal(len(agent.events("start")), 1, "starts")


@test
def test_sighup_with_a_mistake_keeps_the_old_configuration(world):
    broker = world.broker()
    agent = world.agent(broker).start_online()
    witness = world.witness(broker)
    session = witness.next_json("status", status="online")["session"]
    agent.reload({"telemetry": {"interval_s": 0}})
    with open(agent.ini) as f:
        line = f.read().splitlines().index("interval_s = 0") + 1
    mistake = agent.event("config", level="error")
    text = json.dumps(mistake)
    check(f"{line}" in text and "interval_s" in text and "86400" in text,
          f"the mistake does not name line, key and range: {mistake}")
    seq = witness.next("data").json["seq"]
    witness.next("data", lambda m: m.json["seq"] > seq + 1)
    status = world.witness(broker, "hawser/dev1/status").next("status").json
    equal((status["session"], status["status"]), (session, "online"))


@test
def test_two_agents_cannot_share_a_state_folder(world):
    broker = world.broker(devices=("dev1", "dev2"))
    agent = world.agent(broker).start_online()
    other = world.agent(broker, {"device": {
        "state_dir": agent.settings["device"]["state_dir"]}}, id="dev2")
    code, said = run(other.command(), wanted=None)
    equal(code, 3, "exit code")
    check("state" in said, f"it does not name the state folder: {said}")
    check(agent.process.is_running(), "the first one ended")
