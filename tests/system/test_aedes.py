# SPDX-License-Identifier: Apache-2.0
"""A second broker, which is not Mosquitto and speaks MQTT 3.1.1 only: the
device tries 5.0 first and falls back."""
import json
import os
import shutil

from harness.net import Port
from harness.process import Process, check, equal
from harness.registry import Skip, test

HERE = os.path.dirname(os.path.abspath(__file__))
PASSWORD = "sesame-for-aedes"


class Aedes:
    """With what World.agent() asks of a broker."""

    def __init__(self, world, modules):
        certs = world.certs()
        certificate, key = certs.server()
        self.port = world.keep(Port())
        self.url = f"mqtts://localhost:{self.port.number}"
        self.files = {"ca.crt": certs.ca, "dev1.password":
                      world.write("password", PASSWORD, 0o600)}
        self.process = Process("aedes", [
            "node", os.path.join(HERE, "node", "broker.js"),
            str(self.port.number), key, certificate, modules],
            world.path("aedes.log"), parse=json.loads,
            env=dict(os.environ, PASSWORD=PASSWORD), wants_input=True)
        world.last.callback(
            lambda: self.process.is_running() and self.process.kill())
        self.process.stream.next(
            "listening", lambda e: e.get("event") == "listening", 20,
            f"listening ({self.process.errors()})")

    def path(self, _, name):
        return self.files[name]

    def next(self, topic, **members):
        """What came there, seen by the broker itself."""
        def matches(entry):
            if entry.get("topic") != f"hawser/dev1/{topic}":
                return False
            value = json.loads(entry["payload"])
            return all(value.get(k) == v for k, v in members.items())
        return self.process.stream.next(topic, matches, 20,
                                        f"{topic} {members} at aedes")

    def command(self, text):
        self.process.child.stdin.write(text.encode() + b"\n")
        self.process.child.stdin.flush()


@test
def test_aedes_gets_mqtt_3_1_1(world):
    modules = os.environ.get("NODE_MODULES", "")
    if not shutil.which("node") or not os.path.isdir(f"{modules}/aedes"):
        raise Skip("aedes is not installed: NODE_MODULES names no folder "
                   "that has it (./test.sh installs it)")
    aedes = Aedes(world, modules)
    agent = world.agent(aedes).start()
    check("3.1.1" in json.dumps(agent.event("online")), "the version used")
    check(aedes.next("status", status="online")["retain"], "not retained")
    equal(json.loads(aedes.next("security")["payload"])["tls_version"],
          "TLSv1.3")
    first = json.loads(aedes.next("data")["payload"])["seq"]
    equal(json.loads(aedes.next("data")["payload"])["seq"], first + 1, "seq")
    aedes.command('{"command":"ping","id":"n"}')
    aedes.next("status", status="pong")
    aedes.next("reply", id="n", status="succeeded")
    # It knows the version now: no second try at 5.0 for the next session.
    agent.stop()
    aedes.next("status", status="offline")


@test
def test_aedes_without_the_right_password(world):
    modules = os.environ.get("NODE_MODULES", "")
    if not shutil.which("node") or not os.path.isdir(f"{modules}/aedes"):
        raise Skip("aedes is not installed")
    aedes = Aedes(world, modules)
    wrong = world.write("wrong", "wrong", 0o600)
    agent = world.agent(aedes, {"broker": {"password_file": wrong},
                                "retry": {"speed": 1000}}).start()
    agent.event("offline", cause="mqtt_not_authorised")
    equal(agent.events("online"), [], "online")
