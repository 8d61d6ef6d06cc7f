# SPDX-License-Identifier: Apache-2.0
"""The ledger of an outage: a device numbers what it measures while its broker,
its line, its process and its disk fail, again and again and in each other's
wake. Every record arrives at the broker at least once, in order for each boot;
what is missing stands in the ranges that the device itself told as lost.

LEDGER_RECORDS, LEDGER_FAULTS and LEDGER_SEED say how much, and which faults;
`make ledger` takes 10,000 and 200."""
import collections
import ctypes
import os
import random
import signal
import threading
import time

from harness.broker import Message, Witness
from harness.outbox_file import measurements
from harness.process import equal, wait_until
from harness.registry import long_test, test

RECORDS = int(os.environ.get("LEDGER_RECORDS", "1000"))
FAULTS = int(os.environ.get("LEDGER_FAULTS", "20"))
SEED = int(os.environ.get("LEDGER_SEED", "1"))
PER_SECOND = 60
DISK_KIB = 1024
NEW_NAMESPACE = 0x00020000  # CLONE_NEWNS
PRIVATE = 0x00044000        # MS_REC | MS_PRIVATE


class Disk:
    """A small tmpfs in a mount namespace of this process. Without the right
    to make one, a folder that is never full."""

    def __init__(self, folder):
        self.folder = folder
        self.filler = os.path.join(folder, "filler")
        os.makedirs(folder)
        libc = ctypes.CDLL(None, use_errno=True)
        self.is_small = libc.unshare(NEW_NAMESPACE) == 0 and \
            libc.mount(b"none", b"/", None, PRIVATE, None) == 0 and \
            libc.mount(b"none", folder.encode(), b"tmpfs", 0,
                       f"size={DISK_KIB}k".encode()) == 0

    def fill(self):
        try:
            with open(self.filler, "wb", buffering=0) as f:
                while f.write(b"\0" * 4096):
                    pass
        except OSError:
            pass

    def free(self):
        os.unlink(self.filler)


class Listener(Witness):
    """Hands each message to note. It listens with QoS 0: then nothing waits in
    the broker's memory, which a killed broker would take along."""

    def __init__(self, broker, error_path, note):
        self.note = note
        super().__init__(broker, error_path, ["hawser/#"], ("-q", "0"))

    def parse(self, line):
        item = super().parse(line)
        if isinstance(item, Message):
            self.note(item)
            return None
        return item


class Book:
    """What arrived at the broker, in order, and what was told as lost."""

    def __init__(self, world, broker):
        self.world = world
        self.broker = broker
        self.boot = 0      # of the device that is online
        self.arrived = []  # (boot, seq, is it history, is it marked so)
        self.lost = []     # ((boot, from), (boot, to), count)
        self.open()

    def open(self):
        self.listener = self.world.keep(Listener(
            self.broker, self.world.fresh("book"), self.note))

    def close(self):
        """The broker is gone; what it said before has been read then."""
        self.listener.process.wait(30)

    def note(self, message):
        if not message.payload:
            return
        value = message.json
        if message.topic.endswith("/data"):
            self.arrived.append((value["boot"], value["seq"],
                                 value["boot"] < self.boot,
                                 value.get("hist", False)))
        elif value.get("status") == "online":
            self.boot = value["boot"]
        elif value.get("event") == "telemetry_lost":
            self.lost += [((r["boot"], r["from"]),
                           (r.get("to_boot", r["boot"]), r["to"]), r["count"])
                          for r in value["lost"]]

    def is_lost(self, record):
        return any(first <= record <= last for first, last, _ in self.lost)


class Relayed:
    """A way to the broker over a relay on loopback, which cuts and refuses."""
    outbox_kib = 20  # some 150 records, so that longer outages overflow it

    def __init__(self, world):
        self.world = world

    def lead_to(self, broker):
        self.relay = self.world.relay(broker)
        return f"mqtts://localhost:{self.relay.port.number}"

    def faults(self):
        return [self.line_is_cut, self.line_is_half_open]

    def shut(self):
        self.relay.shut()
        self.relay.cut()

    def open(self):
        self.relay.open()

    def line_is_cut(self, _):
        self.relay.cut()

    def line_is_half_open(self, seconds):
        self.relay.stall()
        time.sleep(seconds)
        self.relay.cut()
        self.relay.flow()


class Carried:
    """A way by packets, into a network namespace: they are lost, late, out of
    order, doubled; the link goes down, the address changes, one direction is
    cut. Nobody says that a connection has ended."""
    outbox_kib = 64

    def __init__(self, world):
        self.line = world.bad_line()

    def lead_to(self, broker):
        return broker.url

    def faults(self):
        return [self.weather_is_bad, self.weather_is_good, self.link_is_down,
                self.address_changes, self.one_way_is_cut]

    def shut(self):
        self.line.tell("cut", "both")

    def open(self):
        self.line.tell("cut", "none")

    def weather_is_bad(self, _):
        for word, value in (("delay", 10), ("jitter", 30), ("loss", 30),
                            ("duplicate", 50)):
            self.line.tell(word, value)

    def weather_is_good(self, _):
        self.line.tell("heal")

    def link_is_down(self, seconds):
        self.line.ip("link", "set", "line", "down")
        time.sleep(seconds)
        self.line.ip("link", "set", "line", "up")

    def address_changes(self, _):
        self.line.move()

    def one_way_is_cut(self, seconds):
        self.line.tell("cut", "up" if seconds < 0.5 else "down")
        time.sleep(seconds)
        self.line.tell("cut", "none")


class Ledger:
    def __init__(self, world, way, records, faults):
        self.world = world
        self.way = way
        self.records = records
        self.faults = faults
        self.random = random.Random(SEED)
        self.disk = Disk(world.path("disk"))
        self.broker = world.broker()
        self.book = Book(world, self.broker)
        self.stored = set()  # found on the disk, or logged as stored
        self.boot = 0
        self.done = collections.Counter()
        self.agent = world.agent(self.broker, {
            "device": {"state_dir": os.path.join(self.disk.folder, "state")},
            "broker": {"url": way.lead_to(self.broker)},
            "telemetry": {"interval_s": 3600, "outbox_kib": way.outbox_kib,
                          "replay_per_second": 1000},
            "sensors": {"temperature": "simulated:20..25"},
            "retry": {"speed": 100}})
        self.is_measuring = False
        self.is_over = threading.Event()
        self.start()
        threading.Thread(target=self.measure, daemon=True).start()

    # The device

    def start(self):
        self.boot += 1
        self.agent.start()
        self.agent.event("start")
        self.is_measuring = True

    def end(self, how):
        self.is_measuring = False
        how()
        self.look()

    def look(self):
        self.stored |= measurements(os.path.join(
            self.disk.folder, "state", "outbox.flash"))
        self.stored |= {(self.boot, entry["seq"])
                        for entry in self.agent.events("stored")}

    def measure(self):
        while not self.is_over.wait(1 / PER_SECOND):
            if self.is_measuring:
                self.agent.signal(signal.SIGUSR1)

    def count(self):
        """Of records so far, as far as they are known."""
        known = collections.defaultdict(int)
        for boot, seq in list(self.stored) + [r[:2] for r in
                                              list(self.book.arrived)]:
            known[boot] = max(known[boot], seq)
        return sum(known.values())

    # Faults

    def rest(self, longest):
        time.sleep(self.random.uniform(0, longest))

    def broker_dies(self):
        """Whoever listens is there again before the device is."""
        self.broker.kill()
        self.way.shut()
        self.rest(0.5)
        self.book.close()
        self.broker.start()
        self.book.open()
        self.way.open()

    def broker_freezes(self):
        self.broker.process.signal(signal.SIGSTOP)
        self.rest(1.5)
        self.broker.process.signal(signal.SIGCONT)

    def broker_is_away(self):
        self.way.shut()
        self.rest(1)
        self.way.open()

    def long_outage(self):
        """Until more was measured than there is room for."""
        self.way.shut()
        time.sleep(self.way.outbox_kib * 1024 / 100 / PER_SECOND * 1.2)
        self.way.open()

    def process_dies(self):
        self.end(self.agent.kill)
        self.start()

    def process_dies_offline(self):
        self.way.shut()
        self.rest(0.5)
        self.process_dies()
        self.rest(0.5)
        self.way.open()

    def process_stops(self):
        self.end(self.agent.stop)
        self.start()

    def disk_is_full(self):
        self.disk.fill()
        self.rest(0.5)
        self.process_dies()
        self.rest(0.5)
        self.disk.free()

    def kinds(self):
        """(name, what it does), those that are often more than once."""
        often = [self.broker_is_away, self.broker_freezes, self.process_dies,
                 self.process_dies_offline]
        seldom = [self.broker_dies, self.process_stops]
        own = often * 3 + seldom * 2 + [self.long_outage] + \
            ([self.disk_is_full] * 3 if self.disk.is_small else [])
        return [(f.__name__, f) for f in own] + 3 * [
            (f.__name__, lambda f=f: f(self.random.uniform(0, 1)))
            for f in self.way.faults()]

    def schedule(self):
        """Each kind at least once, if there are as many faults."""
        kinds = self.kinds()
        once = list(dict(kinds).items())[:self.faults]
        rest = [self.random.choice(kinds)
                for _ in range(self.faults - len(once))]
        order = once + rest
        self.random.shuffle(order)
        return order

    def run(self):
        for i, (name, fault) in enumerate(self.schedule()):
            self.wait_for(i * self.records // self.faults)
            self.rest(0.2)
            fault()
            self.done[name] += 1
        self.wait_for(self.records)

    def wait_for(self, records):
        wait_until(lambda: self.count() >= records, 60, f"{records} records")

    def settle(self):
        """Nothing fails any more: all that waits is delivered."""
        self.is_measuring = False
        time.sleep(0.1)
        self.agent.skip()
        self.agent.signal(signal.SIGUSR1)
        self.agent.event("published", 60, waiting=0)
        self.end(self.agent.stop)

    # The reckoning

    def missing(self):
        """Records that should have arrived, did not, and were not told."""
        arrived = {r[:2] for r in self.book.arrived}
        last = collections.defaultdict(int)
        for boot, seq in arrived | self.stored:
            last[boot] = max(last[boot], seq)
        everything = {(boot, seq) for boot, end in last.items()
                      for seq in range(1, end + 1)}
        return sorted(r for r in everything - arrived
                      if not self.book.is_lost(r))

    def out_of_order(self):
        """Records that came after a newer one of their boot, at first."""
        newest = collections.defaultdict(int)
        seen = set()
        wrong = []
        for boot, seq, *_ in self.book.arrived:
            if (boot, seq) not in seen and seq < newest[boot]:
                wrong.append((boot, seq))
            seen.add((boot, seq))
            newest[boot] = max(newest[boot], seq)
        return wrong

    def unmarked(self):
        """Records of an earlier boot that are not marked as history."""
        return [(boot, seq) for boot, seq, is_history, is_marked in
                self.book.arrived if is_history and not is_marked]

    def report(self):
        arrived = [r[:2] for r in self.book.arrived]
        told = sum(count for _, _, count in set(self.book.lost))
        both = sum(self.book.is_lost(r) for r in set(arrived))
        print(f"{self.count()} records in {max(arrived)[0]} boots, "
              f"{sum(self.done.values())} faults (seed {SEED}): "
              f"{len(set(arrived))} arrived, {len(arrived) - len(set(arrived))}"
              f" of them again; {told} told as lost, of which {both} arrived")
        print(", ".join(f"{n} {name.replace('_', ' ')}"
                        for name, n in sorted(self.done.items())))
        if not self.disk.is_small:
            print("no right to mount a small disk: it was never full")


def prove(ledger):
    ledger.run()
    ledger.settle()
    ledger.report()
    equal(ledger.missing(), [], "records that neither arrived nor were told")
    equal(ledger.out_of_order(), [], "records out of order")
    equal(ledger.unmarked(), [], "records of an earlier boot without hist")


@test
def test_ledger_of_an_outage_is_complete(world):
    prove(Ledger(world, Relayed(world), RECORDS, FAULTS))


@long_test
def test_ledger_behind_a_bad_line_is_complete(world):
    prove(Ledger(world, Carried(world), RECORDS, FAULTS))
