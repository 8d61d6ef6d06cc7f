# SPDX-License-Identifier: Apache-2.0
"""Everything that one test makes, in one folder, ended in the reverse order."""
import contextlib
import os
import sys

from .agent import Agent, merge
from .broker import Broker, Witness
from .certs import Certs
from .line import HERE_IP, Line
from .machine import Machine
from .net import Relay
from .process import run

SOURCE = os.path.abspath(os.path.join(os.path.dirname(__file__), "../../.."))
sys.path.insert(0, os.path.join(SOURCE, "tools"))
from sntp_server import SntpServer  # noqa: E402


class World:
    """hawser: the program under test. pki: made by `hawser pki init` for
    localhost, 127.0.0.1 and line.HERE_IP, shared by all tests."""

    def __init__(self, hawser, folder, pki, firmware=None):
        """firmware: an image; devices are machines that run it then."""
        self.hawser = hawser
        self.firmware = firmware
        self.folder = folder
        self.pki = pki
        self.last = contextlib.ExitStack()
        self.agents = []
        self.line = None
        self.count = 0
        os.makedirs(folder, exist_ok=True)

    def path(self, name):
        return os.path.join(self.folder, name)

    def fresh(self, name):
        self.count += 1
        return self.path(f"{name}{self.count}")

    def write(self, name, text, mode=0o644):
        path = self.path(name)
        with open(path, "wb") as f:
            f.write(text if isinstance(text, bytes) else text.encode())
        os.chmod(path, mode)
        return path

    def keep(self, thing):
        self.last.callback(thing.close)
        return thing

    def broker(self, *options, devices=("dev1",), pki=None):
        return self.keep(Broker(self.hawser, self.fresh("broker"),
                                pki or self.pki, devices, options,
                                self.line and HERE_IP))

    def bad_line(self):
        """From now on devices live behind a line that can be made bad."""
        self.line = self.keep(Line(self))
        return self.line

    def witness(self, broker, *topics, options=()):
        return self.keep(Witness(broker, self.fresh("witness.log"),
                                 topics or ("#",), options))

    def sntp(self, **behaviour):
        return self.keep(SntpServer(
            address=HERE_IP if self.line else "127.0.0.1",
            **behaviour)).start()

    def relay(self, broker):
        return self.keep(Relay(broker.port.number))

    def certs(self, **options):
        return Certs(self.fresh("certs"), **options)

    def hawser_run(self, *words, wanted=0, seconds=30, env=None):
        return run([self.hawser, *words], seconds, wanted, env)

    def agent(self, broker, change=None, id="dev1", wrap=(), env=None,
              options=()):
        """A device of this broker: quick, on loopback, with a time server that
        is right. change: {section: {key: value or None}} on top of that.
        options: of a machine."""
        own = {
            "device": {"id": id, "firmware": "2.1.0",
                       "state_dir": self.fresh("state")},
            "broker": {"url": broker.url, "username": id,
                       "ca_file": broker.path("devices", "ca.crt"),
                       "password_file":
                           broker.path("devices", id + ".password"),
                       "keep_alive_s": 5},
            "topics": {"root": "hawser"},
            "telemetry": {"interval_s": 1},
            "network": {"interface": "line" if self.line else "lo"},
            "retry": {"speed": 20},
        }
        if "servers" not in (change or {}).get("time", {}):
            host = HERE_IP if self.line else "127.0.0.1"
            own["time"] = {"servers": f"{host}:{self.sntp().port}"}
        own = merge(own, change or {})
        if self.firmware:
            agent = Machine(self, self.firmware, self.fresh("machine"), own,
                            options)
        else:
            agent = Agent(
                self.hawser, self.fresh("agent"), own,
                (self.line.wrap if self.line else []) + list(wrap), env)
        self.agents.append(agent)
        return self.keep(agent)

    def finish(self):
        """The last checks of a test that went well so far."""
        for agent in reversed(self.agents):
            agent.finish()
        away_s = [a.away_s for a in self.agents if a.away_s is not None]
        if away_s:
            print(f"away {max(away_s):.1f} s")

    def close(self):
        self.last.close()
