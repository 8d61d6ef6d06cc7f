#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A small SNTP server on loopback, for the demo and the tests: right, wrong or
malicious, as told. [RFC 5905, RFC 4330]

Usage: tools/sntp_server.py [--port N] [--offset SECONDS]
Prints its port, then serves until it is ended.
"""
import argparse
import socket
import struct
import threading
import time

ERA_0 = 2208988800  # seconds from 1900 to 1970


def stamp(unix):
    """A Unix time as an NTP timestamp; wraps into era 1 after 2036."""
    whole = int(unix)
    return struct.pack(">II", (whole + ERA_0) & 0xFFFFFFFF,
                       int((unix - whole) * (1 << 32)) & 0xFFFFFFFF)


class SntpServer:
    """offset: seconds to lie by; lies: in so many answers, then it is right (0:
    always). forged: the answer does not carry the
    request's transmit time, as one made blindly would. silent: no answer.
    elsewhere: it answers from another port. stratum: its own, 16 is none.
    kiss: a kiss-o'-death of this code. All may be changed while it runs."""

    def __init__(self, port=0, offset=0, forged=False, silent=False, kiss="",
                 lies=0, address="127.0.0.1", elsewhere=False, stratum=2):
        self.offset, self.forged, self.silent = offset, forged, silent
        self.kiss, self.lies = kiss, lies
        self.elsewhere, self.stratum = elsewhere, stratum
        self.requests = 0
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((address, port))
        self.port = self.socket.getsockname()[1]
        self.thread = threading.Thread(target=self.serve, daemon=True)

    def start(self):
        self.thread.start()
        return self

    def close(self):
        self.socket.close()

    def serve(self):
        while True:
            try:
                request, client = self.socket.recvfrom(512)
                if self.accepts(request):
                    self.requests += 1
                    if self.elsewhere:
                        with socket.socket(socket.AF_INET,
                                           socket.SOCK_DGRAM) as other:
                            other.sendto(self.reply(request), client)
                    elif not self.silent:
                        self.socket.sendto(self.reply(request), client)
            except OSError:
                return

    @staticmethod
    def accepts(request):
        return len(request) >= 48 and request[0] & 7 == 3

    def reply(self, request):
        is_lying = self.lies == 0 or self.requests <= self.lies
        now = stamp(time.time() + (self.offset if is_lying else 0))
        origin = b"\x13" * 8 if self.forged else request[40:48]
        version = request[0] & 0x38
        stratum = 0 if self.kiss else self.stratum
        reference = self.kiss.encode().ljust(4, b"\0")[:4] or b"LOCL"
        head = struct.pack(">BBbbII", version | 4, stratum, 6, -20, 0, 0)
        return head + reference + now + origin + now + now


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--offset", type=float, default=0)
    args = parser.parse_args()
    server = SntpServer(args.port, args.offset)
    print(server.port, flush=True)
    server.serve()


if __name__ == "__main__":
    main()
