# SPDX-License-Identifier: Apache-2.0
"""Processes that end with us, and waiting for what they print."""
import os
import signal
import subprocess
import threading
import time

# Sanitizers and valgrind are slow; a machine may be busy. Deadlines are only
# felt when something is broken, so they are generous.
PATIENCE = float(os.environ.get("HAWSER_TEST_PATIENCE", "1"))


class Failure(AssertionError):
    """A test's expectation was not met; its text says which."""


def check(condition, text):
    if not condition:
        raise Failure(text)


def equal(got, wanted, what="value"):
    check(got == wanted, f"{what} is {got!r}, wanted {wanted!r}")


def wait_until(question, seconds, what):
    """Asks until the answer is true, and answers it. For what gives no event."""
    end = time.monotonic() + seconds * PATIENCE
    while True:
        answer = question()
        if answer:
            return answer
        check(time.monotonic() < end, f"not within {seconds} s: {what}")
        time.sleep(0.02)


class Stream:
    """What came so far, and waiting for more. Each key has its own place in
    it, so that waiting for one topic skips nothing of another."""

    def __init__(self, name):
        self.name = name
        self.items = []
        self.is_over = False
        self.changed = threading.Condition()
        self.places = {}

    def add(self, item):
        with self.changed:
            self.items.append(item)
            self.changed.notify_all()

    def finish(self):
        with self.changed:
            self.is_over = True
            self.changed.notify_all()

    def next(self, key, matches, seconds, what):
        """The next item that matches, after the last one found by key."""
        end = time.monotonic() + seconds * PATIENCE
        with self.changed:
            at = self.places.get(key, 0)
            while True:
                while at < len(self.items):
                    at += 1
                    if matches(self.items[at - 1]):
                        self.places[key] = at
                        return self.items[at - 1]
                left = end - time.monotonic()
                check(left > 0 and not self.is_over,
                      f"{self.name}: no {what} "
                      + ("before its end" if self.is_over else
                         f"within {seconds} s") + f"; {self.tail()}")
                self.changed.wait(left)

    def all(self, matches):
        with self.changed:
            return [i for i in self.items if matches(i)]

    def skip(self):
        """What came until now is of no interest to any key that is not yet
        in use, nor to those in use."""
        with self.changed:
            now = len(self.items)
            self.places = _Default(now, {k: now for k in self.places})

    def tail(self):
        return "it ended with " + "; ".join(str(i) for i in self.items[-4:]) \
            if self.items else "nothing came at all"


class _Default(dict):
    def __init__(self, default, values):
        super().__init__(values)
        self.default = default

    def get(self, key, _=None):
        return super().get(key, self.default)


class Process:
    """A child that dies with us, whatever becomes of us. Its lines on standard
    output go through parse (None: dropped) into .stream; standard error goes
    into a file."""

    def __init__(self, name, command, error_path, parse=None, env=None,
                 wants_input=False):
        self.name = name
        self.error_path = error_path
        self.stream = Stream(name)
        self.parse = parse or (lambda line: line)
        with open(error_path, "ab") as errors:
            self.child = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", "--"] + command,
                stdin=subprocess.PIPE if wants_input else subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=errors, env=env)
        self.thread = threading.Thread(target=self.read, daemon=True)
        self.thread.start()

    @property
    def pid(self):
        return self.child.pid

    def read(self):
        for line in self.child.stdout:
            item = self.parse(line.decode("utf-8", "backslashreplace")
                              .rstrip("\n"))
            if item is not None:
                self.stream.add(item)
        self.stream.finish()

    def is_running(self):
        return self.child.poll() is None

    def errors(self):
        with open(self.error_path, "rb") as f:
            return f.read().decode("utf-8", "backslashreplace")

    def signal(self, number):
        if self.is_running():
            self.child.send_signal(number)

    def wait(self, seconds):
        """Its exit code; all that it printed has been read then."""
        try:
            code = self.child.wait(seconds * PATIENCE)
        except subprocess.TimeoutExpired:
            raise Failure(f"{self.name}: still running after {seconds} s; "
                          f"{self.stream.tail()}") from None
        self.thread.join(10)
        return code

    def stop(self, seconds=15):
        self.signal(signal.SIGTERM)
        return self.wait(seconds)

    def kill(self):
        self.signal(signal.SIGKILL)
        return self.wait(5)


def run(command, seconds=30, wanted=0, env=None, data=None):
    """A command that ends by itself; answers what it printed on both."""
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL if data is None else None,
            input=data, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            timeout=seconds * PATIENCE, env=env, check=False)
    except subprocess.TimeoutExpired:
        raise Failure(f"{command[0]}: no end within {seconds} s") from None
    text = done.stdout.decode("utf-8", "backslashreplace")
    check(wanted is None or done.returncode == wanted,
          f"{' '.join(command[:3])}: exit {done.returncode}, wanted {wanted}: "
          f"{text.strip()[-600:]}")
    return text if wanted is not None else (done.returncode, text)
