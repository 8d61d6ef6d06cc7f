# SPDX-License-Identifier: Apache-2.0
"""A private Mosquitto as `hawser broker` sets it up, and its own client as the
witness of what arrives there."""
import json
import os
import signal

from .net import Port
from .process import Process, check, run, wait_until

os.environ["PATH"] += ":/usr/sbin:/sbin"


class Broker:
    """In a folder that `hawser broker init` makes. Starts at once; may be
    killed and started again on the same port."""

    def __init__(self, hawser, folder, pki, devices, options=(),
                 address=None):
        """address: where devices find it; without one, only on loopback."""
        self.hawser = hawser
        self.host = address or "localhost"
        self.folder = folder
        self.port = Port()
        self.process = None
        self.has_passwords = "--client-certs" not in options
        run([hawser, "broker", "init", folder, "--pki", pki, "--host",
             "localhost", "--bind", "0.0.0.0" if address else "127.0.0.1",
             "--port", str(self.port.number), *options])
        self.add(*devices)
        self.start()

    def path(self, *names):
        return os.path.join(self.folder, *names)

    @property
    def url(self):
        return f"mqtts://{self.host}:{self.port.number}"

    @property
    def operator_ini(self):
        return self.path("operator.ini")

    def password(self, device):
        with open(self.path("devices", device + ".password")) as f:
            return f.read().strip()

    def add(self, *devices):
        if self.has_passwords and devices:
            run([self.hawser, "broker", "user", self.folder, *devices])

    def start(self):
        before = self.log().count(" running")
        self.process = Process(
            "mosquitto", ["mosquitto", "-c", self.path("mosquitto.conf")],
            self.path("log"))
        wait_until(lambda: self.log().count(" running") > before or
                   not self.process.is_running(), 10, "mosquitto runs")
        check(self.process.is_running(), "mosquitto: " + self.log()[-500:])

    def log(self):
        return self.process.errors() if self.process is not None else ""

    def kill(self):
        self.process.kill()

    def stop(self):
        self.process.stop()

    def save(self):
        """What Mosquitto holds in memory goes to its file now, so that it
        outlives even kill -9."""
        before = self.log().count("Saving in-memory database")
        self.process.signal(signal.SIGUSR1)
        wait_until(lambda: self.log().count("Saving in-memory database") >
                   before, 5, "mosquitto saves")

    def close(self):
        if self.process.is_running():
            self.process.kill()
        self.port.close()

    def client(self, tool, user="operator"):
        """The words that start one of Mosquitto's clients as this user."""
        words = [tool, "-h", "localhost", "-p", str(self.port.number),
                 "--cafile", self.path("devices", "ca.crt")]
        if self.has_passwords:
            file = self.path("operator.password") if user == "operator" else \
                self.path("devices", user + ".password")
            with open(file) as f:
                words += ["-u", user, "-P", f.read().strip()]
        return words

    def publish(self, topic, payload, *options):
        """As the operator, QoS 1."""
        data = payload if isinstance(payload, bytes) else payload.encode()
        source = ["-s"] if data else ["-n"]
        run(self.client("mosquitto_pub") + ["-q", "1", "-t", topic, *source,
                                            *options], data=data)


class Message:
    """As the broker gave it to the witness."""

    def __init__(self, topic, payload, retained):
        self.topic = topic
        self.payload = payload
        self.retained = retained

    @property
    def json(self):
        return json.loads(self.payload)

    def __str__(self):
        kept = " (retained)" if self.retained else ""
        return f"{self.topic}{kept} {self.payload[:200]!r}"


class Witness:
    """mosquitto_sub, which sees what the broker hands out."""

    def __init__(self, broker, error_path, topics, options=()):
        words = []
        for topic in topics:
            words += ["-t", topic]
        # One line a message, whatever is in it; stdbuf: not at the end only.
        self.process = Process(
            "witness", ["stdbuf", "-oL"] + broker.client("mosquitto_sub") +
            ["-d", "-q", "1", "-F", "message %r %t %x", *options, *words],
            error_path, parse=self.parse)
        self.subscriptions = 0
        self.wait_subscribed()

    def parse(self, line):
        if line.startswith("message "):
            _, retained, topic, payload = (line + " ").split(" ")[:4]
            return Message(topic, bytes.fromhex(payload), retained == "1")
        return line if line.startswith("Subscribed") else None

    def wait_subscribed(self, seconds=15):
        """To what it subscribed once more, after a broker's restart."""
        self.process.stream.next("", lambda i: isinstance(i, str), seconds,
                                 "subscription")

    @staticmethod
    def matcher(topic, where):
        def matches(item):
            if not isinstance(item, Message) or \
                    not item.topic.endswith("/" + topic):
                return False
            return where is None or where(item)
        return matches

    def next(self, topic, where=None, seconds=15):
        """The next message on a topic that ends so and of which where is true;
        what came on that topic before it is passed over."""
        return self.process.stream.next(
            topic, self.matcher(topic, where), seconds, f"message on {topic}")

    def next_json(self, topic, seconds=15, **members):
        """The same for the next whose JSON has these members; its JSON."""
        def has(message):
            try:
                value = message.json
            except ValueError:
                return False
            return all(value.get(k) == v for k, v in members.items())
        return self.next(topic, has, seconds).json

    def all(self, topic):
        return self.process.stream.all(self.matcher(topic, None))

    def close(self):
        if self.process.is_running():
            self.process.kill()
