# SPDX-License-Identifier: Apache-2.0
"""Each call of the system fails, the first, the second, the third ... until a
run has no such call any more. A run: the agent starts, gets online, sends what
it measured, obeys a ping and is stopped.

Whatever call fails, however: the agent ends with a clear message, or it gets
online and obeys. It never crashes, never says "published" of what the broker
has not got, and the next run finds its state readable."""
import errno
import json
import os
import random
import shutil
import signal
import time

from harness.broker import Message
from harness.process import PATIENCE, Failure, Process, check
from harness.registry import long_test, test
from harness.tools import plain, preloaded

E = errno
# Each call, with the ways in which it fails.
CALLS = {
    "malloc": [E.ENOMEM],
    "open": [E.EMFILE, E.EACCES, E.EINTR],
    "read": [E.EIO, E.EINTR, "short"],
    "write": [E.EIO, E.EINTR, E.EAGAIN, "short"],
    "pread": [E.EIO, E.EINTR, "short"],
    "pwrite": [E.ENOSPC, E.EIO, E.EINTR, "short"],
    "fdatasync": [E.EIO, E.ENOSPC],
    "fsync": [E.EIO],
    "renameat": [E.EIO, E.ENOSPC],
    "flock": [E.ENOLCK, E.EINTR],
    "fchmod": [E.EPERM],
    "socket": [E.EMFILE, E.ENOBUFS],
    "connect": [E.ENETUNREACH, E.EADDRNOTAVAIL, E.EINTR],
    "bind": [E.EADDRINUSE],
    "setsockopt": [E.ENOPROTOOPT],
    "getsockopt": [E.ENOBUFS],
    "send": [E.ECONNRESET, E.EINTR, E.EAGAIN, "short"],
    "recv": [E.ECONNRESET, E.EINTR, E.EAGAIN, "short"],
    "sendto": [E.ENETUNREACH, E.EPERM],
    "recvfrom": [E.EIO],
    "recvmsg": [E.EIO, E.ENOBUFS],
    "poll": [E.EINTR, E.ENOMEM],
    "getrandom": [E.EAGAIN, E.EINTR],
    "timerfd_create": [E.EMFILE],
    "timerfd_settime": [E.ECANCELED],
    "signalfd": [E.EMFILE],
    "pipe2": [E.EMFILE],
    "posix_spawnp": [E.EAGAIN],
}
# What keeps the agent's state: a failure of it may cost the newest change.
STORAGE = {"open", "read", "pread", "pwrite", "fdatasync", "fsync", "renameat",
           "malloc"}
# Without it not even the wish that the agent ends can be heard: it never fails
# for ever.
TO_STOP = {"read"}
RUN_SECONDS = 30
# So often a device begins anew: what it keeps grows from run to run, and with
# it the calls that read it.
LIVES = 20


class Pinger:
    """Commands by one client that stays: one a run would cost more than the
    run itself."""

    def __init__(self, world, broker):
        self.process = Process(
            "pinger", broker.client("mosquitto_pub") +
            ["-q", "1", "-l", "-t", "hawser/dev1/control"],
            world.path("pinger"), wants_input=True)

    def ping(self, id):
        text = json.dumps({"command": "ping", "id": id})
        self.process.child.stdin.write(text.encode() + b"\n")
        self.process.child.stdin.flush()

    def close(self):
        self.process.kill()


class Runs:
    """Run after run of one device, with one state folder."""

    def __init__(self, world):
        self.world = world
        self.broker = world.broker()
        self.witness = world.witness(self.broker)
        self.pinger = world.keep(Pinger(world, self.broker))
        self.agent = world.agent(self.broker, {
            "sensors": {"one": "simulated:1..2", "load": "exec:/bin/echo 3"},
            "retry": {"speed": 1000}})
        # Its ends are judged here, run by run.
        world.agents.remove(self.agent)
        self.count = 0
        self.known = 0
        self.session = 0

    def one(self, call, n, how, times=1):
        """Answers whether the call was reached, after all checks."""
        self.count += 1
        if self.count % LIVES == 0:
            self.forget()
            self.session = 0
        is_heap = call == "malloc"
        self.agent.hawser = plain(self.world) if is_heap else self.world.hawser
        self.agent.wrap = preloaded(
            self.world, "failing_heap.so" if is_heap else "failing_calls.so",
            FAULT=f"{call}:{n}:{how}:{times}")
        open(self.agent.error_path, "w").close()
        try:
            self.agent.start()
            self.live(times)
            return self.judge(call)
        except Failure as why:
            raise Failure(f"{call} {n} fails by {how}, {times} times: {why}; "
                          f"{self.agent.process.errors()[-2000:]}") from None
        finally:
            self.agent.close()

    def forget(self):
        """There is no folder if no run since the last time came so far."""
        folder = self.agent.settings["device"]["state_dir"]
        if os.path.isdir(folder):
            shutil.rmtree(folder)

    def live(self, times):
        """Until the broker has a measurement and the answer to a ping, or the
        agent ended. Where the call fails for ever: until it tried twice, or 3 s. The
        log tells less: a line of it may be what failed."""
        process, id = self.agent.process, f"run-{self.count}"
        start = time.monotonic()
        next_ping, at, left = start, len(self.seen), {"data", id}
        while process.is_running() and left:
            now = time.monotonic()
            check(now < start + RUN_SECONDS * PATIENCE,
                  f"neither done nor ended; {process.stream.tail()}")
            if times == 0 and (now > start + 3 or
                               len(self.agent.events("retry")) >= 2):
                break
            if now >= next_ping and (self.agent.events("online") or
                                     now > start + 3):
                self.pinger.ping(id)
                next_ping = now + 1
            for message in self.seen[at:]:
                at += 1
                left -= self.found(message)
            with process.stream.changed:
                process.stream.changed.wait(0.02)

    @staticmethod
    def found(message):
        if not isinstance(message, Message):
            return set()
        if message.topic.endswith("/reply"):
            return {message.json.get("id")}
        return {message.topic.rsplit("/", 1)[1]}

    @property
    def seen(self):
        return self.witness.process.stream.items

    def judge(self, call):
        process = self.agent.process
        was_running = process.is_running()
        process.signal(signal.SIGTERM)
        code = process.wait(20)
        errors = process.errors()
        said = [e for e in process.stream.items if e.get("level") == "error"]
        is_reached = f"fault: {call} " in errors
        check("Sanitizer" not in errors and "runtime error" not in errors,
              "a sanitizer found something")
        if code == -signal.SIGSEGV and self.is_libcrypto(errors):
            self.known += 1
            return True
        if code != 0:
            words = errors.replace(f"fault: {call} ", "").strip(" 0123456789\n")
            check(code in (1, 2, 3) and is_reached and (said or words),
                  f"exit code {code} (it ran: {was_running})")
        self.judge_published()
        self.judge_session(call if is_reached else None)
        return is_reached

    def is_libcrypto(self, errors):
        """OpenSSL 3.0 crashes by itself when memory fails at its first use in
        a process. Before "start" the agent has touched nothing yet."""
        return "fault: crash in " in errors and "libcrypto.so.3" in errors \
            and not self.agent.events("start")

    def judge_published(self):
        """Everything that was told to be at the broker is there."""
        for entry in self.agent.events("published"):
            self.witness.next("data", lambda m: m.json["seq"] == entry["seq"],
                              5)

    def judge_session(self, failed):
        """The number of the session lives in the state folder: it goes up
        with each connection, unless keeping it is what failed."""
        for entry in self.agent.events("online"):
            check(entry["session"] > self.session or failed in STORAGE,
                  f"session {entry['session']} after {self.session}")
            self.session = max(entry["session"], self.session)
        if failed in STORAGE:
            self.session = 0  # who knows which of them was kept


def every(world, call):
    runs = Runs(world)
    start = time.monotonic()
    for how in CALLS[call]:
        n, misses = 1, 0
        while misses < 3:  # not every run makes the same number of calls
            misses = 0 if runs.one(call, n, how) else misses + 1
            n += 1
        if call not in TO_STOP and how not in ("short", E.EINTR, E.EAGAIN):
            for first in {1, max(1, n // 2)}:
                runs.one(call, first, how, times=0)
    print(f"{runs.count} runs in {time.monotonic() - start:.0f} s" +
          (f"; {runs.known} crashes in libcrypto's own first use"
           if runs.known else ""))


def make_every(call):
    def show(world):
        every(world, call)
    show.__name__ = f"test_every_{call}_fails"
    return long_test(show)


for _call in CALLS:
    make_every(_call)


@test
def test_sampled_calls_fail(world):
    """A little of the above, another part of it each time SEED changes."""
    seed = int(os.environ.get("SEED", "1"))
    chance = random.Random(seed)
    runs = Runs(world)
    end = time.monotonic() + 15
    while time.monotonic() < end:
        call = chance.choice(list(CALLS))
        most = 4000 if call == "malloc" else 25
        runs.one(call, chance.randint(1, most), chance.choice(CALLS[call]))
    print(f"{runs.count} runs, seed {seed}")
