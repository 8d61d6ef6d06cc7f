# SPDX-License-Identifier: Apache-2.0
"""`hawser agent` with a configuration and a log that can be waited for."""
import json
import os
import signal
import time

from .process import Process, check, equal, wait_until


def merge(base, change):
    """Sections of keys; None takes a key out."""
    result = {name: dict(keys) for name, keys in base.items()}
    for name, keys in change.items():
        section = result.setdefault(name, {})
        section.update(keys)
        for key in [k for k, v in section.items() if v is None]:
            del section[key]
    return result


class Agent:
    """settings: {section: {key: value}}. Starts by start()."""
    interface = "lo"

    def __init__(self, hawser, folder, settings, wrap=(), env=None):
        self.hawser = hawser
        self.folder = folder
        self.settings = settings
        self.wrap = list(wrap)
        self.env = env
        self.process = None
        self.offline_at = None  # since when, if it was online before
        self.away_s = None  # the longest time until it was online again
        os.makedirs(folder, exist_ok=True)
        self.ini = os.path.join(folder, "agent.ini")
        self.error_path = os.path.join(folder, "stderr")
        self.configure({})

    def configure(self, change):
        """Writes the file anew, with these keys changed."""
        self.settings = merge(self.settings, change)
        with open(self.ini, "w") as f:
            for section, keys in self.settings.items():
                f.write(f"[{section}]\n")
                for key, value in keys.items():
                    f.write(f"{key} = {value}\n")

    def command(self, *options):
        return [self.hawser, "agent", "--config", self.ini, *options]

    def start(self):
        self.process = Process(
            "agent", self.wrap + self.command("--log", "json"),
            self.error_path, parse=self.parse, env=self.env)
        return self

    def parse(self, line):
        try:
            entry = json.loads(line)
        except ValueError:
            return {"event": "not JSON", "line": line}
        self.note_absence(entry.get("event"))
        return entry

    def note_absence(self, event):
        if event == "offline" and self.offline_at is None:
            self.offline_at = time.monotonic()
        elif event == "online" and self.offline_at is not None:
            away_s = time.monotonic() - self.offline_at
            self.away_s = max(away_s, self.away_s or 0)
            self.offline_at = None

    @property
    def pid(self):
        return self.process.pid

    @property
    def id(self):
        return self.settings["device"]["id"]

    @property
    def prefix(self):
        """What its topics begin with."""
        topics = self.settings.get("topics", {})
        root = topics.get("root", "hawser")
        return root if topics.get("layout") == "flat" else f"{root}/{self.id}"

    def event(self, name, seconds=20, **fields):
        """The next log entry of this name with these fields. Waiting for one
        event passes over nothing of another."""
        def matches(entry):
            return entry["event"] == name and \
                all(entry.get(k) == v for k, v in fields.items())
        return self.process.stream.next(name, matches, seconds,
                                        f"event {name} {fields or ''}")

    def skip(self):
        """What it has logged until now is of no interest any more."""
        self.process.stream.skip()

    def events(self, *names):
        return self.process.stream.all(lambda e: e["event"] in names)

    def start_online(self):
        self.start()
        self.event("online")
        return self

    def signal(self, number):
        self.process.signal(number)

    def reload(self, change):
        self.configure(change)
        self.signal(signal.SIGHUP)

    def kill(self):
        self.process.kill()

    def stop(self, wanted=0):
        """As a service manager would, once the signal is caught: what was only
        just started ends by it. A sanitizer that found something makes the
        exit code another one; both are shown."""
        wait_until(lambda: self.events("start") or
                   not self.process.is_running(), 20, "the agent has begun")
        code = self.process.stop(20)
        check(code == wanted, f"the agent ended with {code}, wanted {wanted}: "
              f"{self.process.errors()[-3000:]}")

    def finish(self):
        """At the end of a test: it still runs or has ended well."""
        if self.process is None:
            return
        if self.process.is_running():
            self.stop()
        errors = self.process.errors()
        check("Sanitizer" not in errors and "runtime error" not in errors,
              errors[-3000:])
        equal(self.process.stream.all(lambda e: e["event"] == "not JSON"), [],
              "lines that are not JSON")

    def close(self):
        if self.process is not None and self.process.is_running():
            self.process.kill()
