# SPDX-License-Identifier: Apache-2.0
"""What somebody who listens on the wire gets to see."""
import os
import shutil
import struct
import time

from harness import DEADLINE_S, Broker, Skip, Witness, expect


def tls_records(data):
    """(type, body) of the TLS records in one direction's stream."""
    at = 0
    while at + 5 <= len(data):
        kind, length = data[at], struct.unpack(">H", data[at + 3:at + 5])[0]
        yield kind, data[at + 5:at + 5 + length]
        at += 5 + length


def chosen_version(server_bytes):
    """The version in a ServerHello: its supported_versions extension."""
    for kind, body in tls_records(server_bytes):
        if kind == 22 and body[0] == 2:
            at = 4 + 2 + 32
            at += 1 + body[at] + 3
            end = at + 2 + struct.unpack(">H", body[at:at + 2])[0]
            at += 2
            while at + 4 <= end:
                name, length = struct.unpack(">HH", body[at:at + 4])
                if name == 43:
                    return struct.unpack(">H", body[at + 4:at + 6])[0]
                at += 4 + length
            return struct.unpack(">H", body[4:6])[0]
    return None


def streams(capture):
    """TCP payloads by (source port, destination port), from a pcap of lo."""
    data = capture.read_bytes()
    order = "<" if data[:4] == b"\xd4\xc3\xb2\xa1" else ">"
    at, found = 24, {}
    while at + 16 <= len(data):
        size = struct.unpack(order + "I", data[at + 8:at + 12])[0]
        frame = data[at + 16:at + 16 + size]
        at += 16 + size
        ip = frame[14:]
        head = (ip[0] & 15) * 4 if ip[0] >> 4 == 4 else 40
        tcp = ip[head:]
        ports = struct.unpack(">HH", tcp[:4])
        end = struct.unpack(">H", ip[2:4])[0] if ip[0] >> 4 == 4 else len(ip)
        payload = ip[head + (tcp[12] >> 4) * 4:end]
        if payload:
            found[ports] = found.get(ports, b"") + payload
    return found


def test_capture_holds_nothing_in_clear(world):
    if os.geteuid() != 0 or shutil.which("tcpdump") is None:
        raise Skip("capturing needs root and tcpdump")
    broker = Broker(world)
    capture = world.folder / "capture"
    tcpdump = world.start(["tcpdump", "-i", "lo", "-U", "-s", "0", "-w",
                           str(capture), "tcp", "port", str(broker.port)],
                          output=open(world.folder / "tcpdump.log", "wb"))
    end = time.monotonic() + DEADLINE_S
    while not capture.exists() or capture.stat().st_size < 24:
        expect(time.monotonic() < end, "tcpdump does not start")
        expect(tcpdump.poll() is None, "tcpdump ended: " + (
            world.folder / "tcpdump.log").read_text())
        time.sleep(0.02)
    witness = Witness(world, broker)
    agent = world.agent(broker)
    agent.expect("published")
    broker.publish("hawser/esp-001/control", b'{"command":"ping","id":"w"}')
    witness.expect("/reply", id="w")
    expect(agent.stop() == 0, "stops")
    tcpdump.terminate()
    tcpdump.wait(DEADLINE_S)
    seen = streams(capture)
    everything = b"".join(seen.values())
    expect(len(everything) > 3000, f"a session was captured: {len(everything)}")
    password = (broker.folder / "devices" / "esp-001.password").read_bytes()
    for secret in (password.strip(), b"hawser/", b"status", b"temperature",
                   b"ping", b"esp-001", b"MQTT"):
        expect(secret not in everything, f"{secret} in clear")
    versions = {chosen_version(data) for (source, _), data in seen.items()
                if source == broker.port}
    expect(versions == {0x0304}, f"TLS 1.3 only: {versions}")
