# SPDX-License-Identifier: Apache-2.0
"""A private world for one test: a PKI, a real Mosquitto over TLS, an SNTP server,
devices (`hawser agent`) and Mosquitto's own clients as witnesses.

Everything lives in one temporary folder and on loopback; World() as a context
manager ends every process and removes every file. Nothing sleeps and hopes: each
wait is for an event, with a deadline.
"""
import json
import os
import pathlib
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
HAWSER = os.environ.get("HAWSER", str(ROOT / "build" / "hawser"))
# Instrumented binaries are slow; every deadline is stretched by this.
PATIENCE = float(os.environ.get("PATIENCE", "1"))
DEADLINE_S = 20 * PATIENCE
NTP_EPOCH = 2208988800


class Failure(AssertionError):
    """What was expected and did not come."""


class Skip(Exception):
    """This machine cannot show it; says why."""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def hawser(*arguments, timeout_s=30, **options):
    """Runs a hawser command to its end; the finished process."""
    return subprocess.run([HAWSER, *map(str, arguments)], text=True,
                          stdin=subprocess.DEVNULL, capture_output=True,
                          timeout=timeout_s * PATIENCE, **options)


def need(result):
    """A command that must have succeeded."""
    if result.returncode != 0:
        raise Failure(f"{' '.join(map(str, result.args))}: exit "
                      f"{result.returncode}\n{result.stdout}{result.stderr}")
    return result


def expect(condition, words):
    if not condition:
        raise Failure(words)


class Lines:
    """What a process prints, kept line by line and waited for."""

    def __init__(self, process, parse):
        self.process, self.parse = process, parse
        self.items, self.raw, self.ended = [], [], False
        self.news = threading.Condition()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            line = line.decode("utf-8", "surrogateescape").rstrip("\n")
            item = self.parse(line)
            with self.news:
                self.raw.append(line)
                if item is not None:
                    self.items.append(item)
                self.news.notify_all()
        with self.news:
            self.ended = True
            self.news.notify_all()

    def wait(self, accept, words, since=0, deadline_s=DEADLINE_S):
        """The first item from number since on that is accepted: (number, it)."""
        end = time.monotonic() + deadline_s
        with self.news:
            while True:
                for number in range(since, len(self.items)):
                    if accept(self.items[number]):
                        return number, self.items[number]
                    since = number + 1
                left = end - time.monotonic()
                if left <= 0 or (self.ended and since >= len(self.items)):
                    tail = "\n  ".join(self.raw[-25:])
                    raise Failure(f"waited for {words}; last lines:\n  {tail}")
                self.news.wait(min(left, 1))


class Message:
    """What a witness saw: topic, retain flag, payload."""

    def __init__(self, topic, retain, payload):
        self.topic, self.retain, self.payload = topic, retain, payload

    def json(self):
        try:
            value = json.loads(self.payload)
        except ValueError:
            return {}
        return value if isinstance(value, dict) else {}


class Witness:
    """mosquitto_sub: sees every message at the broker's side."""

    def __init__(self, world, broker, topic="#"):
        self.process = world.start(
            ["mosquitto_sub", *broker.login(), "-V", "5", "-q", "1", "-d",
             "-t", topic, "-F", "MSG\t%t\t%r\t%x"])
        self.is_ready = False
        self.lines = Lines(self.process, self._parse)
        with self.lines.news:
            done = self.lines.news.wait_for(
                lambda: self.is_ready or self.lines.ended, DEADLINE_S)
        expect(done and self.is_ready, "mosquitto_sub did not subscribe: "
               + "\n".join(self.lines.raw))
        self.at = 0

    def _parse(self, line):
        if line.startswith("MSG\t"):
            _, topic, retain, payload = line.split("\t")
            return Message(topic, retain == "1", bytes.fromhex(payload))
        if line.startswith("Subscribed (mid"):
            self.is_ready = True
        return None

    def expect(self, topic, deadline_s=DEADLINE_S, **members):
        """The next message on a topic whose JSON has these members."""

        def accept(message):
            if not message.topic.endswith(topic):
                return False
            value = message.json()
            return all(value.get(key) == members[key] for key in members)

        words = f"a message on {topic} with {members}"
        number, message = self.lines.wait(accept, words, self.at, deadline_s)
        self.at = number + 1
        return message

    def seen(self, topic):
        with self.lines.news:
            return [m for m in self.lines.items if m.topic.endswith(topic)]


class Broker:
    """A private Mosquitto, made by `hawser broker init`."""

    def __init__(self, world, *options, pki=None, name="broker",
                 host="localhost"):
        self.world, self.host, self.port = world, host, free_port()
        self.folder = world.folder / name
        need(hawser("broker", "init", self.folder, "--pki", pki or world.pki(),
                    "--host", host, "--bind", "127.0.0.1", "--port", self.port,
                    *options))
        self.password = (self.folder / "operator.password").read_text().strip()
        self.process = None
        self.start()

    def start(self):
        self.process = self.world.start(
            ["mosquitto", "-c", str(self.folder / "mosquitto.conf")],
            output=open(self.folder / "log", "ab"))
        self.wait_until_open()

    def wait_until_open(self):
        end = time.monotonic() + DEADLINE_S
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                log = (self.folder / "log").read_text(errors="replace")
                expect(self.process.poll() is None, f"Mosquitto ended: {log}")
                expect(time.monotonic() < end, f"Mosquitto: no port: {log}")
                time.sleep(0.02)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def add_device(self, name):
        need(hawser("broker", "user", self.folder, name))
        if self.process is not None:
            self.process.send_signal(signal.SIGHUP)
        return self.folder / "devices" / f"{name}.password"

    def login(self):
        return ["-h", "localhost", "-p", str(self.port), "--cafile",
                str(self.folder / "devices" / "ca.crt"), "-u", "operator",
                "-P", self.password]

    def publish(self, topic, payload, *options):
        need(subprocess.run(
            ["mosquitto_pub", *self.login(), "-q", "1", "-t", topic, "-s",
             *options], input=payload, capture_output=True,
            timeout=DEADLINE_S))

    def operator(self):
        return str(self.folder / "operator.ini")


class Sntp:
    """An SNTP server on loopback. shift_s: how wrong it is."""

    def __init__(self, shift_s=0, forge=None):
        self.shift_s, self.forge, self.asked = shift_s, forge, 0
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                request, peer = self.socket.recvfrom(512)
            except OSError:
                return
            self.asked += 1
            if len(request) >= 48:
                self.socket.sendto(self._reply(request), peer)

    def _reply(self, request):
        now = time.time() + self.shift_s + NTP_EPOCH
        stamp = struct.pack(">II", int(now) & 0xFFFFFFFF,
                            int(now % 1 * (1 << 32)))
        origin = request[40:48]
        if self.forge == "origin":
            origin = bytes(8)
        stratum = 0 if self.forge == "kiss" else 2
        return (bytes([0x24, stratum, 6, 0xEC]) + bytes(8)
                + (b"DENY" if self.forge == "kiss" else b"\x7f\0\0\1")
                + stamp + origin + stamp + stamp)


class Agent:
    """`hawser agent` with a configuration; its JSON log as events."""

    def __init__(self, world, config, wrapper=(), environment=None):
        self.events = []
        self.config = config
        self.process = world.start(
            [*wrapper, HAWSER, "agent", "--config", str(config), "--log",
             "json"], environment=environment)
        self.lines = Lines(self.process, self._parse)
        self.at = 0

    @staticmethod
    def _parse(line):
        try:
            value = json.loads(line)
        except ValueError:
            return {"event": "?", "line": line}
        return value

    def expect(self, event, deadline_s=DEADLINE_S, **fields):
        """The next log entry of this event with these fields."""

        def accept(entry):
            return entry.get("event") == event and all(
                entry.get(key) == fields[key] for key in fields)

        number, entry = self.lines.wait(accept, f"log entry {event} {fields}",
                                        self.at, deadline_s)
        self.at = number + 1
        return entry

    def seen(self, event):
        with self.lines.news:
            return [e for e in self.lines.items if e.get("event") == event]

    def output(self):
        with self.lines.news:
            return "\n".join(self.lines.raw)

    def stop(self):
        """SIGTERM; the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(DEADLINE_S)


class World:
    """Holds what a test has made, and takes all of it away."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="hawser-test-"))
        self.processes, self.servers, self.files = [], [], []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in reversed(self.processes):
            if process.poll() is None:
                process.kill()
            process.wait()
        for server in self.servers:
            server.socket.close()
        for file in self.files:
            file.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self, command, output=subprocess.PIPE, environment=None,
              stdin=subprocess.DEVNULL):
        if output is not subprocess.PIPE:
            self.files.append(output)
        path = os.environ["PATH"] + ":/usr/sbin:/sbin"
        process = subprocess.Popen(
            command, stdout=output, stderr=subprocess.STDOUT, stdin=stdin,
            env={**os.environ, "PATH": path, **(environment or {})})
        self.processes.append(process)
        return process

    def pki(self, name="pki", hosts=("localhost", "127.0.0.1")):
        folder = self.folder / name
        if not folder.exists():
            arguments = [x for host in hosts for x in ("--host", host)]
            need(hawser("pki", "init", folder, *arguments))
        return folder

    def sntp(self, **options):
        self.servers.append(Sntp(**options))
        return self.servers[-1]

    def configure(self, broker, name="esp-001", **sections):
        """Writes a device's configuration; sections override the defaults, a
        key of None is left out. Answers the path."""
        password = broker.folder / "devices" / f"{name}.password"
        if not password.exists():
            broker.add_device(name)
        values = {
            "device": {"id": name, "firmware": "2.1.0",
                       "state_dir": self.folder / f"state-{name}"},
            "broker": {"url": f"mqtts://{broker.host}:{broker.port}",
                       "ca_file": broker.folder / "devices" / "ca.crt",
                       "username": name, "password_file": password,
                       "keep_alive_s": 5},
            "topics": {},
            "time": {"servers": "127.0.0.1:%d" % self.sntp().port},
            "telemetry": {"interval_s": 1},
            "sensors": {"temperature": "simulated:20..30"},
            "network": {"interface": "lo"},
            "retry": {"speed": 50},
        }
        for section, keys in sections.items():
            values.setdefault(section, {}).update(keys)
        path = self.folder / f"{name}.ini"
        path.write_text("".join(
            f"[{section}]\n" + "".join(
                f"{key} = {value}\n" for key, value in keys.items()
                if value is not None)
            for section, keys in values.items() if keys))
        return path

    def agent(self, broker, name="esp-001", wrapper=(), environment=None,
              **sections):
        config = self.configure(broker, name, **sections)
        return Agent(self, config, wrapper, environment)

    def online(self, *options, **sections):
        """A broker, a witness and a device that is online."""
        broker = Broker(self, *options)
        witness = Witness(self, broker)
        agent = self.agent(broker, **sections)
        agent.expect("online")
        return broker, witness, agent
