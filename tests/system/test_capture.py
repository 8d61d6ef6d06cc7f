# SPDX-License-Identifier: Apache-2.0
"""What somebody sees who listens on the line: TLS 1.3, and nothing in clear."""
import os
import shutil
import signal
import socket
import struct

from harness.net import Port
from harness.process import Process, check, equal, wait_until
from harness.registry import Skip, test

ETHERNET, SUPPORTED_VERSIONS, SERVER_HELLO = 14, 43, 2


def tcp_payloads(path):
    """(source port, bytes) of each TCP segment over IPv4 in a capture."""
    with open(path, "rb") as f:
        data = f.read()
    equal(data[:4], b"\xd4\xc3\xb2\xa1", "magic number of the capture")
    at = 24
    while at + 16 <= len(data):
        kept = struct.unpack_from("<I", data, at + 8)[0]
        frame = data[at + 16:at + 16 + kept]
        at += 16 + kept
        packet = frame[ETHERNET:]
        if len(packet) < 40 or packet[0] >> 4 != 4 or packet[9] != 6:
            continue
        packet = packet[:struct.unpack_from(">H", packet, 2)[0]]
        segment = packet[(packet[0] & 15) * 4:]
        yield (struct.unpack_from(">H", segment)[0],
               segment[(segment[12] >> 4) * 4:])


def negotiated_versions(payloads):
    """Of each ServerHello: what it chose, 0x0304 being TLS 1.3."""
    for data in payloads:
        if len(data) < 50 or data[0] != 22 or data[5] != SERVER_HELLO:
            continue
        session_len = data[43]
        at = 44 + session_len + 2 + 1
        end = at + 2 + struct.unpack_from(">H", data, at)[0]
        at += 2
        chosen = 0x0303
        while at + 4 <= end:
            kind, size = struct.unpack_from(">HH", data, at)
            if kind == SUPPORTED_VERSIONS:
                chosen = struct.unpack_from(">H", data, at + 4)[0]
            at += 4 + size
        yield chosen


@test
def test_capture_shows_tls_1_3_and_nothing_in_clear(world):
    if os.geteuid() != 0 or not shutil.which("tcpdump"):
        raise Skip("a capture needs root and tcpdump")
    broker = world.broker()
    control_port = world.keep(Port())
    path = world.path("capture.pcap")
    # Two ports: the broker's, and one on which we speak in clear, to
    # show that the search below would find it.
    capture = Process("tcpdump", [
        "tcpdump", "-i", "lo", "-U", "-n", "--immediate-mode", "-Z", "root",
        "-w", path, "tcp", "port", str(broker.port.number), "or", "tcp",
        "port", str(control_port.number)], world.path("tcpdump.log"))
    world.last.callback(lambda: capture.is_running() and capture.kill())
    wait_until(lambda: "listening on" in capture.errors(), 10, "tcpdump")

    agent = world.agent(broker, {"sensors": {
        "temperature": f"file:{world.write('sensor', '24.517')}"}})
    agent.start_online()
    agent.event("published")
    witness = world.witness(broker)
    broker.publish("hawser/dev1/control", '{"command":"ping","id":"p1"}')
    witness.next_json("reply", id="p1")
    agent.stop()
    witness.next_json("status", status="offline")

    secrets = {"password": broker.password("dev1").encode(),
               "topic": b"hawser/dev1", "payload": b"temperature",
               "reading": b"24.517", "command": b"command",
               "status": b"offline"}
    speak_in_clear(control_port, b" ".join(secrets.values()))
    wait_until(lambda: any(secrets["reading"] in data
                           for _, data in tcp_payloads(path)), 10,
               "what was said in clear, in the capture")
    capture.signal(signal.SIGINT)
    capture.wait(10)

    segments = list(tcp_payloads(path))
    in_clear = b"".join(data for _, data in segments)
    session = b"".join(
        data for port, data in segments if port != control_port.number
        and not data.startswith(secrets["password"]))
    for what, secret in secrets.items():
        check(secret in in_clear, f"the search does not find the {what}")
        check(secret not in session, f"the {what} is in clear on the line")
    versions = list(negotiated_versions(
        data for port, data in segments if port == broker.port.number))
    check(versions, "no ServerHello in the capture")
    equal(set(versions), {0x0304}, "TLS versions")


def speak_in_clear(port, words):
    listener = port.listen()
    with socket.create_connection(("127.0.0.1", port.number), 5) as client:
        accepted, _ = listener.accept()
        client.sendall(words)
        equal(accepted.recv(4096), words, "what was said in clear")
        accepted.close()
    listener.close()
