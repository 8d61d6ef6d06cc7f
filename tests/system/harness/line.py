# SPDX-License-Identifier: Apache-2.0
"""A line between the device and everything else that is as bad as told: the
device lives in a network namespace of its own, and tests/faults/tun_relay.c
carries its packets. Nothing stays: a namespace ends with its last process."""
import ctypes
import os
import re

from .process import Failure, Process, check, run
from .registry import Skip
from .tools import built

CLONE_NEWNET = 0x40000000
HERE_IP, DEVICE_IP, DEVICE_IP_2 = "192.0.2.1", "192.0.2.2", "192.0.2.3"


def leave_network():
    """This thread, and what it starts from now on, in an empty network."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNET) != 0:
        raise Skip("a network namespace needs root: "
                   + os.strerror(ctypes.get_errno()))
    run(["ip", "link", "set", "lo", "up"])


class Line:
    """Made first in a test: what was started before it lives in the old
    network. Broker and witnesses are at HERE_IP and on loopback."""

    def __init__(self, world):
        if not os.path.exists("/dev/net/tun"):
            raise Skip("/dev/net/tun is not there")
        relay = built(world, "tun_relay")
        leave_network()
        # Holds the device's namespace, until it is killed.
        self.holder = Process("holder", ["unshare", "--net", "sh", "-c",
                                         "echo there; exec sleep infinity"],
                              world.path("holder"))
        self.holder.stream.next("", bool, 10, "namespace")
        self.relay = Process(
            "relay", [relay, self.namespace, "/proc/thread-self/ns/net"],
            world.path("relay"), wants_input=True)
        self.relay.stream.next("", lambda line: line == "ready", 10, "start")
        self.device_ip = DEVICE_IP
        run(["ip", "addr", "add", HERE_IP, "peer", "192.0.2.0/24", "dev",
             "line"])
        run(["ip", "link", "set", "line", "up"])
        self.ip("link", "set", "lo", "up")
        self.ip("addr", "add", f"{DEVICE_IP}/24", "dev", "line")
        self.ip("link", "set", "line", "up")

    @property
    def namespace(self):
        return f"/proc/{self.holder.pid}/ns/net"

    @property
    def wrap(self):
        """What stands before a command that lives at the device's end."""
        return ["nsenter", f"--net={self.namespace}", "--"]

    def ip(self, *words):
        """At the device's end."""
        return run(self.wrap + ["ip", *words])

    def tell(self, *words):
        """Makes the line worse or better; answers the packets passed and
        dropped until now."""
        self.relay.child.stdin.write((" ".join(map(str, words)) + "\n")
                                     .encode())
        self.relay.child.stdin.flush()
        answer = self.relay.stream.next("", bool, 10, "answer")
        match = re.fullmatch(r"ok (\d+) passed (\d+) dropped", answer)
        if match is None:
            raise Failure(f"relay: {words}: {answer}")
        return int(match.group(1)), int(match.group(2))

    def move(self):
        """The device's address changes, as after a new lease."""
        new = DEVICE_IP_2 if self.device_ip == DEVICE_IP else DEVICE_IP
        self.ip("addr", "del", f"{self.device_ip}/24", "dev", "line")
        self.ip("addr", "add", f"{new}/24", "dev", "line")
        self.device_ip = new

    def close(self):
        for process in (self.relay, self.holder):
            if process.is_running():
                process.kill()
        check(not self.relay.is_running(), "the relay runs")
