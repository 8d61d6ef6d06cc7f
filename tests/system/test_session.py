# SPDX-License-Identifier: Apache-2.0
"""A session's life: online, telemetry, the will, a clean stop, two brokers."""
import json
import signal
import time

from harness import (Agent, Broker, Failure, Witness, expect, free_port)


def test_status_online_is_retained(world):
    broker, witness, agent = world.online()
    status = witness.expect("/status", status="online").json()
    expect(list(status)[:4] == ["device", "status", "tls", "version"],
           f"the classic members come first: {list(status)}")
    expect(status["device"] == "esp-001" and status["tls"] is True
           and status["version"] == "2.1.0", f"wrong members: {status}")
    expect(status["session"] >= 1 and status["boot"] == 1,
           f"counters: {status}")
    late = Witness(world, broker)
    expect(late.expect("/status", status="online").retain,
           "a late subscriber gets it retained")


def test_security_says_what_was_negotiated(world):
    _, witness, agent = world.online()
    report = witness.expect("/security").json()
    tls = agent.seen("tls")[0]
    expect(tls["version"] == "TLSv1.3" and "cipher" in tls, f"log: {tls}")
    expect("TLSv1.3" in json.dumps(report), f"report: {report}")


def test_telemetry_carries_what_sensors_gave(world):
    number = world.folder / "number"
    number.write_text("-7.250\n")
    _, witness, agent = world.online(sensors={
        "temperature": f"file:{number}", "humidity": "exec:/bin/echo 65.2",
        "pressure": f"file:{world.folder}/absent"})
    message = witness.expect("/data", humidity=65.2)
    data = message.json()
    expect(b'"temperature":-7.25' in message.payload, f"exact: {data}")
    expect("pressure" not in data, "what is not there is left out")
    expect("simulated" not in data, "nothing is simulated")
    expect(data["uptime"] >= 0 and data["seq"] >= 1 and data["boot"] == 1
           and abs(data["time"] - time.time()) < 60, f"members: {data}")


def test_simulated_telemetry_says_so(world):
    _, witness, agent = world.online(sensors={"temperature": "simulated:20..30"})
    data = witness.expect("/data").json()
    expect(data.get("simulated") is True and 20 <= data["temperature"] <= 30,
           f"{data}")


def test_flat_layout_has_the_classic_topics_and_members(world):
    broker = Broker(world, "--layout", "flat", "--root", "esp32")
    witness = Witness(world, broker)
    agent = world.agent(broker, topics={"layout": "flat", "root": "esp32"},
                        sensors={"temperature": "simulated:20..30",
                                 "humidity": "simulated:40..60"})
    agent.expect("online")
    status = witness.expect("esp32/status", status="online")
    expect(status.topic == "esp32/status", status.topic)
    data = witness.expect("esp32/data")
    expect(data.topic == "esp32/data", data.topic)
    members = [m for m in data.json() if m not in ("rssi", "heap")]
    expect(members[:4] == ["device", "temperature", "humidity", "uptime"],
           f"order: {members}")
    broker.publish("esp32/control", b'{"command":"ping"}')
    witness.expect("esp32/status", status="pong", device="esp-001")


def test_will_says_offline_after_a_kill(world):
    _, witness, agent = world.online(broker={"keep_alive_s": 5})
    online = witness.expect("/status", status="online").json()
    agent.process.kill()
    will = witness.expect("/status", deadline_s=7.5 + 2, status="offline")
    expect(will.json()["session"] == online["session"],
           "the will names its session")


def test_clean_stop_says_offline_at_once(world):
    broker, witness, agent = world.online()
    witness.expect("/status", status="online")
    expect(agent.stop() == 0, "exit 0:\n" + agent.output())
    offline = witness.expect("/status", status="offline")
    late = Witness(world, broker)
    expect(late.expect("/status", status="offline").retain, "retained")
    log = (broker.folder / "log").read_text(errors="replace")
    expect("esp-001 disconnected" in log and "closed its connection" not in
           [line for line in log.splitlines() if "esp-001" in line][-1],
           "a DISCONNECT, not just a close")
    expect(offline.json()["device"] == "esp-001", "the device's own words")


def test_hangup_reads_the_configuration_again(world):
    broker, witness, agent = world.online(telemetry={"interval_s": 60})
    good = agent.config.read_text()
    agent.config.write_text(good + "[telemetry]\nflavour = sweet\n")
    agent.process.send_signal(signal.SIGHUP)
    entry = agent.expect("config")
    expect("flavour" in json.dumps(entry), f"names the key: {entry}")
    agent.config.write_text(good.replace("interval_s = 60", "interval_s = 1"))
    agent.process.send_signal(signal.SIGHUP)
    agent.expect("online")
    first = witness.expect("/data").json()
    second = witness.expect("/data").json()
    expect(second["seq"] > first["seq"] and second["boot"] == 1,
           "goes on, without a new boot")


def test_boot_counter_lasts_and_state_is_locked(world):
    broker, witness, agent = world.online()
    twin = Agent(world, agent.config)
    expect(twin.process.wait(20) == 3, "a second process is refused: "
           + twin.output())
    expect(agent.stop() == 0, "stops")
    again = Agent(world, agent.config)
    again.expect("online")
    status = witness.expect("/status", status="online", boot=2).json()
    expect(status["session"] > 1, "sessions count on")


def test_five_failures_lead_to_the_next_broker(world):
    dead = free_port()
    broker = Broker(world)
    witness = Witness(world, broker)
    agent = world.agent(broker, broker={
        "url": f"mqtts://localhost:{dead} mqtts://localhost:{broker.port}"})
    agent.expect("online")
    refused = [e for e in agent.seen("retry") if e["cause"] == "tcp_refused"]
    expect(len(refused) == 5, f"{len(refused)} failures before the change")
    witness.expect("/status", status="online")


def test_client_certificate_instead_of_password(world):
    broker = Broker(world, "--client-certs")
    try:
        witness = Witness(world, broker)
    except Failure:
        witness = None  # the operator needs a certificate too
    pki = world.pki()
    from harness import hawser, need
    need(hawser("pki", "device", pki, "esp-001"))
    agent = world.agent(broker, broker={
        "username": None, "password_file": None,
        "cert_file": pki / "device" / "esp-001.crt",
        "key_file": pki / "device" / "esp-001.key"})
    agent.expect("online")
    agent.expect("published")


def test_two_devices_in_turn_keep_their_trees(world):
    broker, witness, agent = world.online()
    other = world.agent(broker, name="esp-002")
    other.expect("online")
    witness.expect("esp-002/status", status="online")
    broker.publish("hawser/esp-002/control", b'{"command":"ping","id":"x"}')
    reply = witness.expect("esp-002/reply", id="x").json()
    expect(reply["device"] == "esp-002", f"{reply}")
    expect(not agent.seen("command"), "the other one heard nothing")
