# SPDX-License-Identifier: Apache-2.0
"""A device that is a whole machine: the firmware in QEMU, with its flash in a
file and its serial line as the log. What a test asks of an agent it can ask of a
machine, but for what only a process can do."""
import json
import os
import re
import socket
import subprocess

from .agent import Agent, merge
from .dns import NameServer
from .process import Failure, Process, check, run

SOURCE = os.path.abspath(os.path.join(os.path.dirname(__file__), "../../.."))
HOST_IP = "10.0.2.2"  # this machine's loopback, as the firmware sees it
# Keys of a process; a machine has nothing of the kind.
PROCESS_KEYS = {"device": ["state_dir", "restart_program"],
                "network": ["interface"], "telemetry": ["outbox_kib"]}
LINE = re.compile(r"^ *(\d+\.\d{3}) (debug|info|warn|error) +(\S+) *(.*)$")
FIELD = re.compile(r'(\w+)=("(?:[^"\\]|\\.)*"|\S+)')


def value_of(text):
    if text.startswith('"'):
        return json.loads(text)
    if re.fullmatch(r"-?\d+", text):
        return int(text)
    return {"yes": True, "no": False}.get(text, text)


class Machine(Agent):
    """Its settings are written into flash at each start. options: QEMU's."""
    interface = "en0"

    def __init__(self, world, image, folder, settings, options=()):
        self.image = image
        self.options = list(options)
        self.flash = os.path.join(folder, "flash")
        self.names = world.keep(NameServer(world, [HOST_IP],
                                           address="127.0.0.1"))
        self.is_crash_wanted = False
        super().__init__(world.hawser, folder, settings)

    def configure(self, change):
        self.settings = merge(self.settings, change)
        own = merge(self.settings, {
            "network": {"name_server": f"{HOST_IP}:{self.names.port}"}})
        for section, keys in PROCESS_KEYS.items():
            for key in keys:
                own.get(section, {}).pop(key, None)
        with open(self.ini, "w") as f:
            for section, keys in own.items():
                f.write(f"[{section}]\n")
                for key, value in keys.items():
                    value = str(value).replace("127.0.0.1", HOST_IP)
                    f.write(f"{key} = {value}\n")

    def command(self, *options):
        return [os.path.join(SOURCE, "tools", "firmware-run"), self.image,
                self.flash, "-qmp", f"unix:{self.folder}/qmp,server=on,wait=off",
                "-gdb", f"unix:{self.folder}/gdb,server=on,wait=off",
                *self.options, *options]

    def start(self):
        run([os.path.join(SOURCE, "tools", "firmware-flash"), self.ini,
             self.flash])
        self.process = Process("machine", self.command(), self.error_path,
                               parse=self.parse)
        return self

    def parse(self, line):
        match = LINE.match(line)
        if not match:
            return {"event": "text", "line": line} if line else None
        entry = {k: value_of(v) for k, v in FIELD.findall(match[4])}
        entry.update(event=match[3], level=match[2], at_s=float(match[1]))
        self.note_absence(entry["event"])
        return entry

    def text(self, words, seconds=20):
        """The next line with these words that is no entry of the log."""
        return self.process.stream.next(
            "text", lambda e: e["event"] == "text" and words in e["line"],
            seconds, f"\"{words}\"")["line"]

    def reload(self, change):
        raise Failure("a machine reads its settings at its start only")

    def stop(self, wanted=0):
        """A machine is switched off."""
        self.kill()

    def finish(self):
        if self.process is None:
            return
        panics = [e["line"] for e in self.events("text")
                  if "panic" in e["line"] or "watchdog" in e["line"]]
        check(self.is_crash_wanted or not panics, f"{panics}")
        self.kill()

    # What is done to the machine from outside.

    def control(self, command, **arguments):
        """One command of QEMU's own protocol, QMP."""
        with socket.socket(socket.AF_UNIX) as s, s.makefile("rw") as f:
            s.settimeout(10)
            s.connect(os.path.join(self.folder, "qmp"))
            f.readline()
            for words in ({"execute": "qmp_capabilities"},
                          {"execute": command, "arguments": arguments}):
                f.write(json.dumps(words) + "\n")
                f.flush()
                answer = json.loads(f.readline())
                while "event" in answer:
                    answer = json.loads(f.readline())
            check("return" in answer, f"{command}: {answer}")

    def set_link(self, is_up):
        self.control("set_link", name="line", up=is_up)

    def press_reset(self):
        self.control("system_reset")

    def jump(self, symbol):
        """The program goes on at this symbol, by the debugger's protocol."""
        nm = subprocess.run(
            ["riscv64-unknown-elf-nm",
             os.path.join(os.path.dirname(self.image), "bin/firmware.elf")],
            stdout=subprocess.PIPE, check=True, text=True).stdout
        at = next(line.split()[0] for line in nm.splitlines()
                  if line.endswith(" " + symbol))
        with socket.socket(socket.AF_UNIX) as s, s.makefile("rwb") as f:
            s.settimeout(10)
            s.connect(os.path.join(self.folder, "gdb"))
            # Only who has asked for the registers' list may write one.
            self.debug(f, "qXfer:features:read:target.xml:0,ffb")
            # Register 32 is the program counter; bytes come lowest first.
            answer = self.debug(f, "P20=" + bytes.fromhex(at)[::-1].hex())
            check(answer == b"OK", f"debugger: {answer}")
            self.debug(f, "D")

    @classmethod
    def debug(cls, f, words):
        """A packet there and the answer back. That the machine has stopped is
        said at some time, too."""
        f.write(b"$%s#%02x" % (words.encode(), sum(words.encode()) & 0xff))
        f.flush()
        answer = cls.packet(f)
        return cls.packet(f) if answer.startswith(b"T") else answer

    @staticmethod
    def packet(f):
        byte = f.read(1)
        while byte != b"$":
            byte = f.read(1)
        got = b""
        while not got.endswith(b"#"):
            got += f.read(1)
        f.read(2)
        f.write(b"+")
        f.flush()
        return got[:-1]
