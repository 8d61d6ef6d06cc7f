# SPDX-License-Identifier: Apache-2.0
"""Three clients exchange numbered messages while their connections are reset,
in the middle of packets: two of ours, one of MQTT.js. Every message is counted
for each pair. A few in the tests; EXCHANGE_MESSAGES and EXCHANGE_CUTS say how
many, and `make test-brokers` runs it with 100,000 and 100 for each QoS."""
import collections
import json
import os
import random
import re
import shutil
import socket
import struct
import sys
import threading

from harness.net import Server
from harness.process import Process, check, equal, wait_until
from harness.registry import Skip, test

HERE = os.path.dirname(os.path.abspath(__file__))
MESSAGES = int(os.environ.get("EXCHANGE_MESSAGES", "1500"))
CUTS = int(os.environ.get("EXCHANGE_CUTS", "12"))
WINDOW = 20
SECONDS = 60 + MESSAGES / 200


class CuttingRelay(Server):
    """Resets a connection after so many more bytes, wherever that is."""

    def __init__(self, target):
        self.target = target
        self.left = None
        self.cuts = 0
        super().__init__()

    def arm(self, count):
        self.left = count

    def serve(self, client):
        try:
            server = socket.create_connection(("127.0.0.1", self.target), 5)
        except OSError:
            self.drop(client)
            return
        server.settimeout(None)
        self.keep(server)
        pair = (client, server)
        for sock in pair:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        back = threading.Thread(target=self.pass_on, daemon=True,
                                args=(server, client, pair))
        back.start()
        self.pass_on(client, server, pair)
        back.join()
        for sock in pair:
            self.drop(sock)

    def pass_on(self, source, sink, pair):
        try:
            while data := source.recv(65536):
                with self.lock:
                    ends = self.left is not None and len(data) >= self.left
                    if ends:
                        data = data[:self.left]
                        self.left = None
                        self.cuts += 1
                    elif self.left is not None:
                        self.left -= len(data)
                sink.sendall(data)
                if ends:
                    for sock in pair:  # RST instead of FIN
                        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                        struct.pack("ii", 1, 0))
                    break
        except OSError:
            pass
        for sock in pair:
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


class Client:
    """Counts what comes: {sender: [numbers]}."""

    def __init__(self, name, qos, count):
        self.name = name
        self.qos = qos
        self.count = count
        self.complete = 0
        self.came = collections.defaultdict(list)
        self.ended = set()
        self.is_subscribed = False
        self.allowed = 0

    def take(self, payload):
        sender, number = payload.split(":")
        if number == "end":
            self.ended.add(sender)
        else:
            self.came[sender].append(int(number))

    def start_process(self, command, log, env=None):
        self.process = Process(self.name, command, log, parse=self.read,
                               env=env, wants_input=True)

    def write(self, text):
        try:
            self.process.child.stdin.write(text.encode())
            self.process.child.stdin.flush()
        except OSError:
            pass  # it is gone: what it should have done will be missing

    def read(self, line):
        self.on_event(json.loads(line))


class Hawser(Client):
    """hawser's driver. One PUBLISH is asked for at a time, so that what a
    broken line refuses is asked for again before what comes behind it."""

    def __init__(self, world, name, options, qos, count):
        super().__init__(name, qos, count)
        self.next = 0
        self.is_asking = False
        self.is_connected = False
        self.lock = threading.Lock()
        driver = os.path.join(os.path.dirname(world.hawser),
                              "hawser-mqtt-driver")
        self.start_process([driver], world.path(name + ".log"))
        self.write(f"connect client_id={name} clean_start=0 {options}\n")

    def allow(self, number):
        self.allowed = number
        self.pump()

    def pump(self):
        with self.lock:
            if (self.is_asking or not self.is_connected or
                    self.next >= self.allowed or
                    (self.qos > 0 and self.next - self.complete >= WINDOW)):
                return
            self.is_asking = True
            is_end = self.next == self.count
            number = "end" if is_end else self.next
            qos = max(self.qos, 1) if is_end else self.qos
        self.write(f"publish topic=hawser/exchange/{self.name} qos={qos} "
                   f"payload={self.name}:{number}\n")

    def on_event(self, event):
        kind = event["event"]
        if kind == "message":
            self.take(event["payload"])
        elif kind == "published":
            self.complete += 1
        elif kind == "connected":
            self.is_connected = True
            if not self.is_subscribed:
                self.write("subscribe filter=hawser/exchange/%2B qos=2\n")
        elif kind == "subscribed":
            self.is_subscribed = True
        elif kind == "closed":
            self.is_connected = False
            self.write("reconnect\n")
        elif kind == "ok" and event["command"] == "publish":
            self.next += 1
            if self.qos == 0 and self.next <= self.count:
                self.complete += 1
            self.is_asking = False
        elif kind == "failed":
            self.is_asking = False
        self.pump()


class Js(Client):
    def __init__(self, world, options, qos, count, password):
        super().__init__("js", qos, count)
        self.start_process(
            ["node", os.path.join(HERE, "node", "exchange.js"),
             json.dumps(dict(options, qos=qos, count=count, id="js"))],
            world.path("js.log"), env=dict(os.environ, PASSWORD=password))

    def allow(self, number):
        self.write(f"{number}\n")

    def on_event(self, event):
        if event["event"] == "message":
            self.take(event["payload"])
        elif event["event"] == "published":
            self.complete = event["count"]
        elif event["event"] == "subscribed":
            self.is_subscribed = True


def judge(came, count):
    """(missing, repeated, out of order, invented)"""
    first = list(dict.fromkeys(came))
    return (count - len(set(came)), len(came) - len(first),
            sum(a > b for a, b in zip(first, first[1:])),
            sum(not 0 <= n < count for n in came))


def broker_without_bounds(world):
    """What waits for a client that is away is not to be dropped."""
    broker = world.broker()
    path = broker.path("mosquitto.conf")
    with open(path) as f:
        text = f.read()
    check("max_queued_messages" in text, "the bound has another name")
    with open(path, "w") as f:
        f.write(re.sub("max_queued_messages.*", "max_queued_messages 0", text))
    broker.stop()
    broker.start()
    return broker


def exchange(world, qos):
    modules = os.environ.get("NODE_MODULES", "")
    if not shutil.which("node") or not os.path.isdir(f"{modules}/mqtt"):
        raise Skip("MQTT.js is not installed: NODE_MODULES names no folder "
                   "that has it (./test.sh installs it)")
    broker = broker_without_bounds(world)
    with open(broker.path("operator.password")) as f:
        password = f.read().strip()
    ca = broker.path("devices", "ca.crt")
    relays = [world.keep(CuttingRelay(broker.port.number)) for _ in range(3)]
    ports = [relay.port.number for relay in relays]
    count = MESSAGES // 3
    clients = [
        Hawser(world, "a", f"host=localhost port={ports[0]} ca={ca} "
               f"user=operator password={password} version=5 "
               "prop.session_expiry=3600 aliases=4", qos, count),
        Hawser(world, "b", f"host=localhost port={ports[1]} ca={ca} "
               f"user=operator password={password} version=3", qos, count),
        Js(world, {"port": ports[2], "ca": ca, "user": "operator",
                   "modules": modules}, qos, count, password)]
    wait_until(lambda: all(c.is_subscribed for c in clients), 30,
               "all have subscribed")
    chance = random.Random(qos)
    for cut in range(CUTS):  # each in another part of the messages
        relays[cut % 3].arm(chance.randint(1, 1500))
        for client in clients:
            client.allow(count * (cut + 1) // (CUTS + 1))
        wait_until(lambda: sum(r.cuts for r in relays) > cut, SECONDS,
                   f"connection cut for the {cut + 1}th time")
    for client in clients:
        client.allow(count + 1)  # the last one says "end"
    wait_until(lambda: all(len(c.ended) == 3 for c in clients), SECONDS,
               "everybody has heard everybody's last message")
    equal(sum(r.cuts for r in relays), CUTS, "connections cut")
    table = {(s.name, r.name): judge(r.came[s.name], count)
             for s in clients for r in clients}
    for (sender, receiver), row in table.items():
        print(f"QoS {qos}: {sender:>2} -> {receiver:<2} {count} sent, "
              "%d missing, %d repeated, %d out of order, %d invented" % row,
              file=sys.stderr)
    for (sender, receiver), row in table.items():
        if "js" in (sender, receiver) and qos > 0:
            continue  # what MQTT.js itself loses or repeats is not ours
        missing, repeated, disordered, invented = row
        pair = f"{sender} to {receiver}"
        equal(invented, 0, f"{pair}: invented")
        equal(disordered, 0, f"{pair}: out of order")
        if qos != 0:
            equal(missing, 0, f"{pair}: missing")
        if qos != 1:
            equal(repeated, 0, f"{pair}: repeated")
    for client in clients:
        client.process.kill()


@test
def test_exchange_with_qos_0_repeats_nothing(world):
    exchange(world, 0)


@test
def test_exchange_with_qos_1_loses_nothing(world):
    exchange(world, 1)


@test
def test_exchange_with_qos_2_is_exact(world):
    exchange(world, 2)
