# SPDX-License-Identifier: Apache-2.0
"""Bad lines: the device behind packets that are late, lost, doubled, changed,
slow or cut. Whatever the line does, each measurement arrives, in order, and
the device comes back and obeys when the line is well again."""
import time

from harness.process import check, equal
from harness.registry import long_test, test


class Patient:
    """A device online behind a good line, and what it sent so far."""

    def __init__(self, world, keep_alive_s=5, **line):
        self.line = world.bad_line()
        self.broker = world.broker()
        self.agent = world.agent(self.broker, {
            "broker": {"keep_alive_s": keep_alive_s}, "retry": {"speed": 20}})
        for name, value in line.items():
            self.line.tell(name, value)
        self.agent.start()
        self.agent.event("online", 90)
        self.witness = world.witness(self.broker)
        self.first = self.witness.next("data", seconds=30).json["seq"]

    def last(self):
        return self.witness.all("data")[-1].json["seq"]

    def sends(self, count, seconds=60):
        """So many more measurements arrive."""
        wanted = self.last() + count
        self.witness.next("data", lambda m: m.json["seq"] >= wanted, seconds)

    def obeys(self, seconds=60):
        """A command is answered, whenever the line lets it through."""
        end = time.monotonic() + seconds
        while not self.witness.all("reply"):
            check(time.monotonic() < end, "no command was obeyed")
            self.broker.publish("hawser/dev1/control", '{"command":"ping"}')
            time.sleep(0.5)

    def recovers(self):
        """After the line was healed: nothing is missing, all is in order."""
        start = time.monotonic()
        self.sends(2)
        seconds = time.monotonic() - start
        self.obeys()
        seqs = [m.json["seq"] for m in self.witness.all("data")]
        firsts = sorted(set(seqs), key=seqs.index)
        equal(firsts, list(range(self.first, self.first + len(firsts))),
              "measurements that arrived")
        print(f"recovered {seconds:.1f} s, duplicated "
              f"{len(seqs) - len(firsts)}, lost 0")

    def notices(self, causes, seconds=60):
        cause = self.agent.event("offline", seconds)["cause"]
        check(cause in causes, f"the cause: {cause}")


# A line like this is no reason to lose it.
BEARABLE = {
    "delay_20_ms": {"delay": 20},
    "delay_200_ms": {"delay": 200},
    "delay_2000_ms": {"delay": 2000},
    "jitter_that_reorders": {"delay": 20, "jitter": 100},
    "loss_1_percent": {"loss": 10},
    "loss_5_percent": {"loss": 50},
    "loss_10_percent": {"loss": 100},
    "duplicates": {"duplicate": 300},
    "rate_9600_bit_per_s": {"rate": 1200},
    "mtu_576": {},
    "all_of_it_at_once": {"delay": 50, "jitter": 50, "loss": 30,
                          "duplicate": 50},
}
QUICK = {"jitter_that_reorders", "loss_5_percent", "mtu_576"}


def make_bearable(name, settings):
    def show(world):
        # Not one that is shorter than the way there and back.
        patient = Patient(world, keep_alive_s=60, **settings)
        if name == "mtu_576":
            patient.line.ip("link", "set", "line", "mtu", "576")
        passed, _ = patient.line.tell("mtu", 0)
        patient.sends(3, 90)
        patient.obeys(90)
        check(patient.line.tell("heal")[0] > passed, "no packet passed")
        patient.recovers()
    show.__name__ = f"test_line_with_{name}_is_borne"
    return test(show) if name in QUICK else long_test(show)


for _name, _settings in BEARABLE.items():
    make_bearable(_name, _settings)


@long_test
def test_line_that_loses_30_percent_is_survived(world):
    patient = Patient(world)
    patient.line.tell("loss", 300)
    patient.sends(5, 240)
    patient.line.tell("heal")
    patient.recovers()


LOST = ("ping_lost", "closed", "tcp_timeout")


@test
def test_line_cut_both_ways_without_an_end_is_noticed(world):
    patient = Patient(world)
    patient.line.tell("cut", "both")
    patient.notices(LOST)
    patient.agent.event("stored", 30)
    patient.line.tell("heal")
    patient.recovers()


@long_test
def test_line_cut_towards_the_broker_is_noticed(world):
    patient = Patient(world)
    patient.line.tell("cut", "up")
    patient.notices(LOST)
    patient.line.tell("heal")
    patient.recovers()


@long_test
def test_line_cut_towards_the_device_is_noticed(world):
    patient = Patient(world)
    patient.line.tell("cut", "down")
    patient.notices(LOST)
    patient.line.tell("heal")
    patient.recovers()


@test
def test_line_that_changes_bytes_is_caught_by_tls(world):
    """Checksums of TCP stay right: TLS alone can tell. Its record fails, the
    line ends, and nothing that was changed is ever taken."""
    patient = Patient(world)
    patient.line.tell("corrupt", 300)
    patient.notices(("tls_other", "closed", "ping_lost", "tcp_refused"))
    patient.line.tell("heal")
    patient.recovers()


@test
def test_line_with_a_black_hole_for_large_packets_connects_again(world):
    """A path that drops what is large and says nothing: the TLS handshake
    cannot pass. When the path is well again, so is the device."""
    patient = Patient(world)
    patient.line.tell("cut", "both")
    patient.notices(LOST)
    patient.line.tell("heal")
    patient.line.tell("mtu", 500)
    patient.agent.event("retry", 60)
    patient.line.tell("heal")
    patient.recovers()


@test
def test_line_with_a_new_address_comes_back(world):
    patient = Patient(world)
    patient.line.move()
    patient.notices(LOST + ("link_down", "no_address", "tcp_unreachable"))
    patient.recovers()


@long_test
def test_line_without_a_route_comes_back(world):
    patient = Patient(world)
    patient.line.ip("route", "add", "blackhole", "192.0.2.1/32")
    patient.notices(LOST + ("tcp_unreachable",))
    patient.line.ip("route", "del", "blackhole", "192.0.2.1/32")
    patient.recovers()


@long_test
def test_line_that_flaps_is_ridden_out(world):
    patient = Patient(world)
    for up_s in (1, 2, 3, 5, 8, 13) * 4:
        patient.line.ip("link", "set", "line", "down")
        time.sleep(1)
        patient.line.ip("link", "set", "line", "up")
        time.sleep(up_s)
    patient.recovers()


@long_test
def test_line_down_and_up_comes_back(world):
    patient = Patient(world)
    patient.line.ip("link", "set", "line", "down")
    patient.agent.event("stored", 40)
    patient.line.ip("link", "set", "line", "up")
    patient.recovers()
