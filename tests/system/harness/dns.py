# SPDX-License-Identifier: Apache-2.0
"""A name server of the test, at HERE_IP behind the device's line: it
answers what it is told to. [RFC 1035]"""
import socket
import struct
import threading

from .line import HERE_IP

NAME = "broker.test"
OK, SERVFAIL, NXDOMAIN = 0, 2, 3
TYPE_A, TYPE_AAAA, CLASS_IN = 1, 28, 1


class NameServer:
    """addresses: of any name, IPv4 and IPv6. rcode: of every answer. silent: no
    answer. All may be changed while it runs."""

    def __init__(self, world, addresses=(HERE_IP,), address=HERE_IP):
        """Not at HERE_IP it takes any port that is free."""
        self.addresses = list(addresses)
        self.rcode = OK
        self.silent = False
        self.questions = 0
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((address, 53 if address == HERE_IP else 0))
        self.port = self.socket.getsockname()[1]
        self.conf = world.write("resolv.conf", f"nameserver {address}\n"
                                "options timeout:1 attempts:2\n")
        threading.Thread(target=self.serve, daemon=True).start()

    @property
    def wrap(self):
        """What stands before a command that asks this server."""
        return ["unshare", "--mount", "sh", "-c",
                'mount --bind "$0" /etc/resolv.conf && exec "$@"', self.conf]

    def serve(self):
        while True:
            try:
                question, client = self.socket.recvfrom(512)
                self.questions += 1
                if not self.silent:
                    self.socket.sendto(self.answer(question), client)
            except OSError:
                return

    def records(self, kind):
        family = socket.AF_INET if kind == TYPE_A else socket.AF_INET6
        return [socket.inet_pton(family, a) for a in self.addresses
                if (":" in a) == (kind == TYPE_AAAA)]

    def answer(self, question):
        """To one question, with a lifetime of 0 s."""
        end = question.index(b"\0", 12) + 5
        kind = struct.unpack(">H", question[end - 4:end - 2])[0]
        records = self.records(kind) if self.rcode == OK else []
        head = question[:2] + struct.pack(">HHHHH", 0x8580 | self.rcode, 1,
                                          len(records), 0, 0)
        return head + question[12:end] + b"".join(
            struct.pack(">HHHIH", 0xC00C, kind, CLASS_IN, 0, len(r)) + r
            for r in records)

    def close(self):
        self.socket.close()
