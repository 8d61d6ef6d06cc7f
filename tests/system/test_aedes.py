# SPDX-License-Identifier: Apache-2.0
"""A second broker, which is not Mosquitto and speaks MQTT 3.1.1 only."""
import json
import os
import pathlib
import shutil
import subprocess

from harness import (Agent, Lines, Skip, expect, free_port)

HERE = pathlib.Path(__file__).resolve().parent / "aedes"


def test_device_falls_back_to_3_1_1(world):
    if shutil.which("node") is None:
        raise Skip("node is not installed")
    modules = os.environ.get("AEDES_MODULES", str(HERE / "node_modules"))
    if not os.path.isdir(os.path.join(modules, "aedes")):
        raise Skip("aedes is not installed (tools/setup test)")
    pki, port = world.pki(), free_port()
    key, crt = pki / "server" / "localhost.key", pki / "server" / "localhost.crt"
    process = world.start(["node", str(HERE / "broker.js"), str(port), str(key),
                           str(crt), modules],
                          stdin=subprocess.PIPE)
    lines = Lines(process, lambda line: json.loads(line)
                  if line.startswith("{") else None)
    lines.wait(lambda e: e.get("event") == "listening", "aedes")
    password = world.folder / "password"
    password.write_text("sesame\n")
    password.chmod(0o600)
    config = world.folder / "device.ini"
    config.write_text(f"""[device]
id = esp-001
firmware = 2.1.0
state_dir = {world.folder}/state
[broker]
url = mqtts://localhost:{port}
ca_file = {pki}/ca/ca.crt
username = esp-001
password_file = {password}
[time]
servers = 127.0.0.1:{world.sntp().port}
[telemetry]
interval_s = 1
[sensors]
temperature = simulated:20..30
[network]
interface = lo
[retry]
speed = 50
""")
    agent = Agent(world, config)

    def message(topic, **members):
        def accept(event):
            if not event.get("topic", "").endswith(topic):
                return False
            value = json.loads(event["payload"])
            return all(value.get(k) == members[k] for k in members)
        return lines.wait(accept, f"{topic} {members} at aedes")[1]

    online = agent.expect("online")
    expect("3.1.1" in json.dumps(online), f"{online}")
    message("/status", status="online")
    message("/data", device="esp-001")
    lines.process.stdin.write(b'{"command":"ping","id":"n"}\n')
    lines.process.stdin.flush()
    message("/status", status="pong")
    message("/reply", id="n", status="succeeded")
    expect(agent.stop() == 0, "stops")
    message("/status", status="offline")
