# SPDX-License-Identifier: Apache-2.0
"""Clocks that wrap, stop or jump: keep-alive, telemetry and the pace of the
attempts go on as if nothing had happened."""
import os
import signal
import struct
import time

from harness.process import PATIENCE, Process, check, equal, run, wait_until
from harness.registry import Skip, long_test, test
from harness.tools import preloaded

HOUR_S, DAY_S = 3600, 86400
IN_2040 = 2208988800 + DAY_S
KEEP_ALIVE_S = 5  # as harness.world has it
BEFORE_MS = 8000  # time to get online, also on a machine that is busy
WRAPS = {"31": 1 << 31, "32": 1 << 32}


class TimeNamespace:
    """Where the machine's up-time is another one. Ends with its holder."""

    def __init__(self, world, now_ms):
        with open("/proc/uptime") as f:
            offset_s = now_ms // 1000 - int(float(f.read().split()[0]))
        self.holder = Process(
            "holder", ["unshare", "--time", "--fork", "--kill-child",
                       "--monotonic", str(offset_s), "--boottime",
                       str(offset_s), "sh", "-c",
                       "echo $$; exec sleep infinity"], world.path("holder"))
        try:
            pid = self.holder.stream.next("", bool, 10, "time namespace")
        except AssertionError:
            raise Skip("a time namespace needs root and Linux 5.6: "
                       + self.holder.errors()) from None
        self.wrap = ["nsenter", f"--time=/proc/{pid}/ns/time", "--"]

    def now_ms(self):
        return float(run(self.wrap + ["cat", "/proc/uptime"]).split()[0]) * 1000

    def close(self):
        if self.holder.is_running():
            self.holder.kill()


def make_wrap(bits):
    at_ms = WRAPS[bits]

    def keep_alive(world):
        """Only pings keep the line: they go on over the wrap."""
        broker = world.broker()
        times = world.keep(TimeNamespace(world, at_ms - BEFORE_MS))
        agent = world.agent(broker, {"telemetry": {"interval_s": 3600}},
                            wrap=times.wrap).start_online()
        check(times.now_ms() < at_ms, "the clock has wrapped before the test")
        # The broker ends a line that is silent for 1.5 keep-alives.
        wait_until(lambda: times.now_ms() > at_ms + 3000 * KEEP_ALIVE_S,
                   7 * KEEP_ALIVE_S, "the wrap")
        equal(agent.events("offline"), [], "ends of the line")
        broker.publish("hawser/dev1/control", '{"command":"ping"}')
        agent.event("command")

    def attempts(world):
        """Attempts that fail go on over the wrap, at a sane pace."""
        broker = world.broker()
        broker.stop()
        times = world.keep(TimeNamespace(world, at_ms - BEFORE_MS))
        agent = world.agent(broker, wrap=times.wrap).start()
        agent.event("retry")
        check(times.now_ms() < at_ms, "the clock has wrapped before the test")
        wait_until(lambda: times.now_ms() > at_ms, 20, "the wrap")
        agent.skip()
        for _ in range(3):
            wait_ms = agent.event("retry", 20)["in_ms"]
            check(0 <= wait_ms <= 120000, f"waits {wait_ms} ms")
        broker.start()
        start = time.monotonic()
        agent.event("online", 20)
        print(f"recovered {time.monotonic() - start:.1f} s")

    keep_alive.__name__ = f"test_keep_alive_goes_on_over_2_to_the_{bits}_ms"
    attempts.__name__ = f"test_attempts_go_on_over_2_to_the_{bits}_ms"
    kind = test if bits == "32" else long_test
    kind(keep_alive)
    kind(attempts)


for _bits in WRAPS:
    make_wrap(_bits)


@test
def test_suspended_device_comes_back(world):
    """As a machine that sleeps longer than its broker waits for it."""
    broker = world.broker()
    agent = world.agent(broker).start_online()
    witness = world.witness(broker)
    first = witness.next("data").json["seq"]
    agent.signal(signal.SIGSTOP)
    try:
        witness.next("status", lambda m: m.json["status"] == "offline", 30)
    finally:
        agent.signal(signal.SIGCONT)
    start = time.monotonic()
    agent.event("offline", 20)
    agent.event("online", 20)
    print(f"recovered {time.monotonic() - start:.1f} s")
    witness.next("data", lambda m: m.json["seq"] > first + 1)
    seqs = [m.json["seq"] for m in witness.all("data")]
    equal(sorted(set(seqs)), list(range(first, max(seqs) + 1)), "measurements")


class WallClock:
    """The wall clock of one program: tests/faults/wall_clock.c."""

    def __init__(self, world):
        self.file = open(world.path("wall-clock"), "w+b", buffering=0)
        self.jump(0)
        self.wrap = preloaded(world, "wall_clock.so",
                              WALL_CLOCK=self.file.name)

    def jump(self, offset_s):
        os.pwrite(self.file.fileno(), struct.pack("=q", int(offset_s)), 0)


@test
def test_wall_clock_that_jumps_moves_nothing(world):
    clock = WallClock(world)
    broker = world.broker()
    agent = world.agent(broker, wrap=clock.wrap).start_online()
    witness = world.witness(broker)
    for jump, year in ((HOUR_S, None), (-HOUR_S, None),
                       (DAY_S - time.time(), "1970"),
                       (IN_2040 - time.time(), "2040"), (0, None)):
        clock.jump(jump)
        agent.skip()
        seq = agent.event("published")["seq"]
        start = time.monotonic()
        last = agent.event("published", seq=seq + 3)
        took = time.monotonic() - start
        check(1 <= took <= 5 * PATIENCE, f"3 intervals took {took:.1f} s")
        check(year is None or last["time"].startswith(year),
              f"the clock did not jump: {last}")
        # The device's own clock does not follow.
        told = witness.next("data", lambda m: m.json["seq"] >= seq + 3).json
        check(abs(told["time"] - time.time()) < 60, f"{jump}: {told}")
    equal(agent.events("offline"), [], "ends of the line")
