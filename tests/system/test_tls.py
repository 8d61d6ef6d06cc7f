# SPDX-License-Identifier: Apache-2.0
"""Every server that must not be believed: a typed cause, never a connection."""
import datetime
import ssl
import subprocess

from harness import (DEADLINE_S, Broker, Skip, expect, free_port, hawser, need)


class Certificates:
    """Certificates that no honest tool makes, by the openssl command."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir()
        self.root = self.authority("ca")

    def openssl(self, *arguments, at=None):
        command = ["openssl", *map(str, arguments)]
        if at is not None:
            command = ["faketime", at, *command]
        need(subprocess.run(command, capture_output=True, text=True,
                            timeout=DEADLINE_S))

    def authority(self, name):
        key, crt = self.folder / f"{name}.key", self.folder / f"{name}.crt"
        self.openssl("req", "-x509", "-newkey", "ec", "-pkeyopt",
                     "ec_paramgen_curve:P-256", "-nodes", "-keyout", key,
                     "-out", crt, "-days", "3650", "-subj", f"/CN=test {name}",
                     "-addext", "keyUsage=critical,keyCertSign,cRLSign",
                     at="2026-01-01 00:00:00")
        return key, crt

    def leaf(self, name, ca=None, at=None, days=30, host="DNS:localhost",
             usage="serverAuth"):
        ca_key, ca_crt = ca or self.root
        key, crt = self.folder / f"{name}.key", self.folder / f"{name}.crt"
        csr, ext = self.folder / f"{name}.csr", self.folder / f"{name}.ext"
        lines = ["basicConstraints=critical,CA:FALSE",
                 f"extendedKeyUsage={usage}"]
        if host:
            lines.append(f"subjectAltName={host}")
        ext.write_text("\n".join(lines))
        self.openssl("req", "-newkey", "ec", "-pkeyopt",
                     "ec_paramgen_curve:P-256", "-nodes", "-keyout", key,
                     "-out", csr, "-subj", "/CN=localhost")
        self.openssl("x509", "-req", "-in", csr, "-CA", ca_crt, "-CAkey",
                     ca_key, "-set_serial", "4711", "-days", days, "-extfile",
                     ext, "-out", crt, at=at)
        return key, crt

    def self_signed(self, name):
        key, crt = self.folder / f"{name}.key", self.folder / f"{name}.crt"
        self.openssl("req", "-x509", "-newkey", "ec", "-pkeyopt",
                     "ec_paramgen_curve:P-256", "-nodes", "-keyout", key,
                     "-out", crt, "-days", "30", "-subj", "/CN=localhost",
                     "-addext", "subjectAltName=DNS:localhost")
        return key, crt


class Server:
    """openssl s_server: prints what a client that believed it would say."""

    def __init__(self, world, key, crt, *options):
        self.port = free_port()
        self.log = world.folder / f"server-{self.port}"
        self.process = world.start(
            ["openssl", "s_server", "-accept", f"127.0.0.1:{self.port}",
             "-key", str(key), "-cert", str(crt), *options],
            output=open(self.log, "wb"), stdin=subprocess.PIPE)


def days_from_now(days):
    day = datetime.datetime.now() + datetime.timedelta(days=days)
    return day.strftime("%Y-%m-%d %H:%M:%S")


def refuse(world, make, cause, *options):
    """A device that trusts our CA meets this server: the cause, and silence."""
    certificates = Certificates(world.folder / "certificates")
    key, crt = make(certificates)
    server = Server(world, key, crt, *options)
    broker = Broker(world)  # only for the login files
    agent = world.agent(broker, broker={
        "url": f"mqtts://localhost:{server.port}",
        "ca_file": certificates.root[1]})
    entry = agent.expect("retry", cause=cause)
    agent.expect("retry", cause=cause, deadline_s=3 * DEADLINE_S)
    expect(not agent.seen("tls") and not agent.seen("online"),
           "never connected")
    expect(b"MQTT" not in server.log.read_bytes(), "nothing was said to it")
    return entry


def test_unknown_ca_is_refused(world):
    refuse(world, lambda c: c.leaf("x", ca=c.authority("other")),
           "tls_unknown_ca")


def test_wrong_name_is_refused(world):
    refuse(world, lambda c: c.leaf("x", host="DNS:localhost.evil.example"),
           "tls_wrong_name")


def test_common_name_alone_is_refused(world):
    refuse(world, lambda c: c.leaf("x", host=None), "tls_wrong_name")


def test_expired_is_refused(world):
    refuse(world, lambda c: c.leaf("x", at="2026-01-02 00:00:00"),
           "tls_expired")


def test_not_yet_valid_is_refused(world):
    refuse(world, lambda c: c.leaf("x", at=days_from_now(40)),
           "tls_not_yet_valid")


def test_self_signed_is_refused(world):
    refuse(world, lambda c: c.self_signed("x"), "tls_self_signed")


def test_client_certificate_of_a_server_is_refused(world):
    refuse(world, lambda c: c.leaf("x", usage="clientAuth"), "tls_wrong_usage")


def test_tls_1_1_is_refused(world):
    refuse(world, lambda c: c.leaf("x"), "tls_version", "-tls1_1", "-cipher",
           "DEFAULT@SECLEVEL=0")


def test_plain_mosquitto_on_the_port_is_refused(world):
    port = free_port()
    conf = world.folder / "plain.conf"
    conf.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\n"
                    "user root\n")
    world.start(["mosquitto", "-c", str(conf), "-v"],
                output=open(world.folder / "plain.log", "wb"))
    broker = Broker(world)
    agent = world.agent(broker, broker={"url": f"mqtts://localhost:{port}"})
    agent.expect("retry", cause="tls_not_tls")
    log = (world.folder / "plain.log").read_text()
    expect("esp-001" not in log, f"no CONNECT reached it: {log}")


def test_ip_address_is_verified_as_such(world):
    certificates = Certificates(world.folder / "certificates")
    broker = Broker(world)
    login = world.folder / "x"
    agent = world.agent(broker, broker={
        "url": f"mqtts://127.0.0.1:{broker.port}"})
    agent.expect("online")
    agent.stop()
    key, crt = certificates.leaf("named", host="DNS:localhost")
    server = Server(world, key, crt)
    other = world.agent(broker, name="esp-002", broker={
        "url": f"mqtts://127.0.0.1:{server.port}",
        "ca_file": certificates.root[1]})
    other.expect("retry", cause="tls_wrong_name")


def test_client_certificate_of_a_stranger_is_refused_by_the_broker(world):
    broker = Broker(world, "--client-certs")
    stranger = world.pki("strange")
    need(hawser("pki", "device", stranger, "esp-001"))
    agent = world.agent(broker, broker={
        "username": None, "password_file": None,
        "cert_file": stranger / "device" / "esp-001.crt",
        "key_file": stranger / "device" / "esp-001.key"})
    agent.expect("retry", cause="tls_client_cert")


def test_sessions_are_resumed(world):
    broker, _, agent = world.online()
    first = agent.seen("tls")[0]
    expect(first["resumed"] is False, f"{first}")
    broker.publish("hawser/esp-001/control", b'{"command":"ping"}')
    need(subprocess.run(
        ["mosquitto_pub", *broker.login(), "-i", "esp-001", "-n"],
        capture_output=True, timeout=DEADLINE_S))  # takes the id over
    agent.expect("offline")
    agent.expect("online", deadline_s=3 * DEADLINE_S)
    second = agent.seen("tls")[-1]
    expect(second["resumed"] is True, f"{second}")
