# SPDX-License-Identifier: Apache-2.0
"""What the agent takes of memory stays the same, whatever it lived through: a
day of telemetry, commands, cuts and new configurations in a few minutes, and
thousands of handshakes that fail. Counted by tests/faults/heap_watch.c."""
import json
import signal
import struct

from harness.net import Server
from harness.process import PATIENCE, check, wait_until
from harness.registry import long_test, test
from harness.tools import plain, preloaded

# A TLS record: what the moment of looking may add.
SLACK = 16384


class Heap:
    def __init__(self, world):
        self.file = world.path("heap-figures")
        self.wrap = preloaded(world, "heap_watch.so", HEAP_FIGURES=self.file)

    def figures(self):
        """Bytes now, the most there were, allocations until now."""
        with open(self.file, "rb") as f:
            return struct.unpack("=QQQ", f.read(24))


def kib_of(pid, name):
    with open(f"/proc/{pid}/status") as f:
        return next(int(line.split()[1]) for line in f
                    if line.startswith(name + ":"))


def device(world, heap, change):
    agent = world.agent(change.pop("of"), change, wrap=heap.wrap)
    agent.hawser = plain(world)
    return agent


class Day:
    """hours: each has a cut, commands, telemetry; now and then there is a new
    configuration, or another broker process."""

    def __init__(self, world, hours, commands):
        self.heap = Heap(world)
        self.broker = world.broker()
        self.relay = world.relay(self.broker)
        self.witness = world.witness(self.broker)
        self.agent = device(world, self.heap, {
            "of": self.broker,
            "broker": {"url": f"mqtts://localhost:{self.relay.port.number}"},
            "sensors": {"one": "simulated:1..2", "load": "exec:/bin/echo 3"}})
        self.commands = commands
        self.agent.start_online()
        warm = None
        for hour in range(hours):
            self.hour(hour)
            now, peak, count = self.heap.figures()
            pid = self.agent.pid
            print(f"hour {hour:2}: {now} bytes, peak {peak}, {count} "
                  f"allocations, stack {kib_of(pid, 'VmStk')} KiB, "
                  f"resident {kib_of(pid, 'VmRSS')} KiB")
            if hour == hours // 3:
                warm = now, peak, kib_of(pid, "VmStk")
        check(now <= warm[0] + SLACK, f"{warm[0]} bytes became {now}")
        check(peak <= warm[1] + SLACK, f"peak {warm[1]} became {peak}")
        check(kib_of(self.agent.pid, "VmStk") <= warm[2], "the stack grew")

    def hour(self, hour):
        for i in range(self.commands):
            id = f"{hour}-{i}"
            self.broker.publish("hawser/dev1/control", json.dumps(
                {"command": "get_status", "id": id}))
            self.witness.next_json("reply", id=id)
        self.agent.skip()
        if hour % 8 == 1:
            self.agent.reload({"device": {"firmware": f"3.{hour}.0"}})
        else:
            self.relay.cut()
        self.agent.event("online", 40)
        for _ in range(2):
            self.agent.event("published")


@test
def test_memory_is_flat_over_a_few_hours(world):
    Day(world, 6, 3)


@long_test
def test_memory_is_flat_over_a_day(world):
    Day(world, 24, 60)


class Cutter(Server):
    """Ends each connection after so many bytes of the client, the server's
    answer being anything but a handshake."""

    def serve(self, client):
        client.settimeout(5)
        try:
            client.recv(64 + self.accepted % 400)
            # A handshake record of half a ServerHello, then nothing.
            client.sendall(bytes.fromhex("160303007a020000760303")
                           + bytes(self.accepted % 100))
        except OSError:
            pass
        self.drop(client)


def fail_handshakes(world, count):
    heap = Heap(world)
    server = world.keep(Cutter())
    agent = device(world, heap, {
        "of": world.broker(), "retry": {"speed": 1000},
        "telemetry": {"interval_s": 3600},
        "broker": {"url": f"mqtts://localhost:{server.port.number}"}})
    agent.start()
    wait_until(lambda: server.accepted >= count // 4, count, "handshakes")
    now, peak, _ = heap.figures()
    before = server.accepted
    wait_until(lambda: server.accepted >= count, count, "handshakes")
    later, later_peak, _ = heap.figures()
    print(f"after {before} handshakes: {now} bytes, peak {peak}; after "
          f"{server.accepted}: {later} bytes, peak {later_peak}")
    check(later_peak <= peak + SLACK, "the peak grew")
    check(not agent.events("online", "tls"), "a handshake succeeded")
    agent.signal(signal.SIGTERM)
    check(agent.process.wait(20 * PATIENCE) == 0, "it did not end well")


@test
def test_memory_is_flat_over_100_failed_handshakes(world):
    fail_handshakes(world, 100)


@long_test
def test_memory_is_flat_over_10000_failed_handshakes(world):
    fail_handshakes(world, 10000)
