# SPDX-License-Identifier: Apache-2.0
"""Servers that must be refused: each with its own cause in the log and in the
retry, and never a byte of MQTT. Once with the right time and once with each
kind of wrong clock."""
import ssl
import time
import warnings

from harness.net import Port, TalkServer, TlsServer
from harness.process import Process, check, equal, wait_until
from harness.registry import test

DAY_S = 86400
warnings.filterwarnings("ignore", category=DeprecationWarning)

# How the device's time server answers.
CLOCKS = {
    "right_clock": {},
    "no_clock": {"silent": True},
    "clock_before": {"offset": -20 * 365 * DAY_S},
    "clock_after": {"offset": 3 * DAY_S},
}


def device_for(world, port, ca, clock, host="localhost"):
    """A device without a broker that it could log in to."""
    sntp = world.sntp(**clock)
    agent = world.agent(FakeBroker(world, port, ca, host), {
        "time": {"servers": f"127.0.0.1:{sntp.port}"},
        "retry": {"speed": 1000}})
    return agent, sntp


class FakeBroker:
    def __init__(self, world, port, ca, host):
        self.url = f"mqtts://{host}:{port}"
        self.files = {"ca.crt": ca, "dev1.password":
                      world.write("password", "P4ssw0rdOfTheTest\n", 0o600)}

    def path(self, _, name):
        return self.files[name]


def show_refused(world, server, ca, cause, clock, host="localhost"):
    agent, _ = device_for(world, server.port.number, ca, clock, host)
    agent.start()
    # Twice: it goes on trying, and the answer does not change.
    for _ in range(2):
        failed = agent.event("offline", 30)
        equal(failed["cause"], cause, f"cause ({failed.get('detail')})")
        equal(agent.event("retry")["cause"], cause)
    check(failed["detail"], "no detail for a person")
    equal(agent.events("tls", "online"), [], "connections")
    check(server.accepted >= 2, f"{server.accepted} connections")
    equal(bytes(server.received), b"", "bytes at the server")
    agent.stop()
    equal(bytes(server.received), b"", "bytes at the server")


def wrong_ca(world):
    mine, other = world.certs(), world.certs()
    return TlsServer(*other.server()), mine.ca, "tls_unknown_ca"


def wrong_name(world):
    certs = world.certs()
    return (TlsServer(*certs.server("DNS:broker.example,IP:127.0.0.9")),
            certs.ca, "tls_wrong_name")


def name_in_the_subject_only(world):
    certs = world.certs()
    return TlsServer(*certs.server(names="")), certs.ca, "tls_wrong_name"


def ended_before_the_floor(world):
    certs = world.certs(shift=-3000)
    return (TlsServer(*certs.server(shift=-2000, days=30)), certs.ca,
            "tls_expired")


def self_signed(world):
    certs = world.certs()
    return (TlsServer(*certs.server(is_self_signed=True)), certs.ca,
            "tls_self_signed")


def client_certificate(world):
    certs = world.certs()
    return (TlsServer(*certs.server(usage="clientAuth")), certs.ca,
            "tls_wrong_usage")


def only_tls_1_1(world):
    certs = world.certs()
    return (TlsServer(*certs.server(), only=ssl.TLSVersion.TLSv1_1), certs.ca,
            "tls_version")


def weak_key(world):
    certs = world.certs()
    return (TlsServer(*certs.server(kind="weak"), level=0), certs.ca,
            "tls_weak")


def http(world):
    certs = world.certs()
    return (TalkServer(b"HTTP/1.1 400 Bad Request\r\n\r\n"), certs.ca,
            "tls_not_tls")


CASES = [wrong_ca, wrong_name, name_in_the_subject_only,
         ended_before_the_floor, self_signed, client_certificate,
         only_tls_1_1, weak_key]


def make(case, clock_name):
    def show(world):
        server, ca, cause = case(world)
        show_refused(world, world.keep(server), ca, cause,
                     CLOCKS[clock_name])
    show.__name__ = f"test_tls_refuses_{case.__name__}_{clock_name}"
    return test(show)


for _case in CASES:
    for _clock in CLOCKS:
        make(_case, _clock)


@test
def test_tls_refuses_address_not_in_certificate(world):
    certs = world.certs()
    server = world.keep(TlsServer(*certs.server("DNS:localhost")))
    show_refused(world, server, certs.ca, "tls_wrong_name", {}, "127.0.0.1")


@test
def test_tls_accepts_what_the_refusals_differ_from(world):
    """Else the tests above could pass for a reason that is none."""
    certs = world.certs()
    for name in ("localhost", "127.0.0.1"):
        server = world.keep(TlsServer(*certs.server()))
        agent, _ = device_for(world, server.port.number, certs.ca, {}, name)
        agent.start()
        equal(agent.event("tls")["dates"], "full")
        wait_until(lambda: b"MQTT" in server.received, 10, "a CONNECT")
        agent.stop()


@test
def test_tls_refuses_not_yet_valid(world):
    certs = world.certs()
    server = world.keep(TlsServer(*certs.server(shift=20)))
    show_refused(world, server, certs.ca, "tls_not_yet_valid", {})


@test
def test_not_yet_valid_is_tolerated_and_reported_without_a_clock(world):
    """Confidence 1: a device that cannot learn the time may still connect to
    a server whose certificate is new, and says how it checked."""
    certs = world.certs()
    server = world.keep(TlsServer(*certs.server(shift=20)))
    agent, _ = device_for(world, server.port.number, certs.ca,
                          {"silent": True})
    agent.start()
    equal(agent.event("tls", 40)["dates"], "floor")
    equal(agent.event("alert")["code"], "time_unknown")


@test
def test_valid_certificate_is_refused_by_a_clock_that_is_ahead(world):
    certs = world.certs()
    server = world.keep(TlsServer(*certs.server(days=90)))
    agent, _ = device_for(world, server.port.number, certs.ca,
                          {"offset": 200 * DAY_S, "lies": 1})
    agent.start()
    equal(agent.event("offline", 30)["cause"], "tls_expired")
    # A wrong time is not for ever: the device asks again and gets in.
    agent.event("tls", 60)


@test
def test_clock_before_the_build_is_not_believed(world):
    broker = world.broker()
    sntp = world.sntp(offset=-20 * 365 * DAY_S)
    agent = world.agent(broker, {
        "time": {"servers": f"127.0.0.1:{sntp.port}"}}).start()
    agent.event("online", 40)
    equal(agent.event("alert")["code"], "time_unknown")
    status = world.witness(broker).next_json("status", status="online")
    equal((status["time_confidence"], "time" in status), (1, False))
    equal(agent.events("time"), [], "times")


@test
def test_forged_time_is_ignored(world):
    broker = world.broker()
    sntp = world.sntp(forged=True, offset=200 * DAY_S)
    agent = world.agent(broker, {
        "time": {"servers": f"127.0.0.1:{sntp.port}"}}).start()
    agent.event("online", 40)
    check(sntp.requests > 0, "the server was not asked")
    equal(agent.events("time"), [], "times")


@test
def test_kiss_of_death_is_obeyed(world):
    broker = world.broker()
    sntp = world.sntp(kiss="DENY")
    agent = world.agent(broker, {
        "time": {"servers": f"127.0.0.1:{sntp.port}"}}).start()
    agent.event("online", 40)
    agent.event("published")
    check(1 <= sntp.requests <= 2, f"asked {sntp.requests} times")
    equal(agent.events("time"), [], "times")


@test
def test_wrong_time_does_not_outlive_a_restart(world):
    certs = world.certs()
    server = world.keep(TlsServer(*certs.server(days=90)))
    agent, sntp = device_for(world, server.port.number, certs.ca,
                             {"offset": 3 * 365 * DAY_S})
    agent.start()
    agent.event("offline", 30, cause="tls_expired")
    agent.stop()
    sntp.offset = 0
    agent.start()
    equal(agent.event("tls", 40)["dates"], "full")


@test
def test_one_lying_server_of_three_is_outvoted(world):
    broker = world.broker()
    servers = [world.sntp(), world.sntp(offset=100 * DAY_S), world.sntp()]
    agent = world.agent(broker, {"time": {"servers": " ".join(
        f"127.0.0.1:{s.port}" for s in servers)}}).start()
    agent.event("online", 40)
    status = world.witness(broker).next_json("status", status="online")
    check(abs(status["time"] - time.time()) < 60, f"{status}")


@test
def test_two_servers_that_disagree_are_not_believed(world):
    broker = world.broker()
    servers = [world.sntp(), world.sntp(offset=100 * DAY_S)]
    agent = world.agent(broker, {"time": {"servers": " ".join(
        f"127.0.0.1:{s.port}" for s in servers)}}).start()
    agent.event("online", 40)
    equal(agent.events("time"), [], "times")


@test
def test_tls_refuses_http_on_the_port(world):
    server, ca, cause = http(world)
    agent, _ = device_for(world, world.keep(server).port.number, ca, {})
    agent.start()
    for _ in range(2):
        equal(agent.event("offline", 30)["cause"], cause)
    check(b"MQTT" not in server.received, "a CONNECT in clear")
    check(b"P4ssw0rdOfTheTest" not in server.received, "the password in clear")


@test
def test_tls_refuses_plain_mosquitto_on_the_port(world):
    port = world.keep(Port())
    config = world.write("plain.conf", f"listener {port.number} 127.0.0.1\n"
                         "allow_anonymous true\nlog_type all\n")
    log = world.path("plain.log")
    plain = Process("mosquitto", ["mosquitto", "-c", config], log)
    world.last.callback(plain.kill)
    wait_until(lambda: " running" in plain.errors(), 10, "mosquitto runs")
    agent, _ = device_for(world, port.number, world.certs().ca, {})
    agent.start()
    for _ in range(2):
        equal(agent.event("offline", 30)["cause"], "tls_not_tls")
    equal(agent.events("tls", "online"), [], "connections")
    check("New client connected" not in plain.errors(), "a CONNECT in clear")


@test
def test_client_certificate_logs_in(world):
    pki = world.path("pki")
    world.hawser_run("pki", "init", pki, "--host", "localhost")
    for id in ("operator", "dev1"):
        world.hawser_run("pki", "device", pki, id)
    broker = world.broker("--client-certs", pki=pki)
    world.agent(broker, {"broker": {
        "username": None, "password_file": None,
        "ca_file": f"{pki}/ca/ca.crt",
        "cert_file": f"{pki}/device/dev1.crt",
        "key_file": f"{pki}/device/dev1.key"}}).start_online()
    broker_client = broker.client
    broker.client = lambda tool, user="operator": broker_client(tool) + [
        "--cert", f"{pki}/device/{user}.crt", "--key",
        f"{pki}/device/{user}.key"]
    witness = world.witness(broker)
    witness.next_json("status", status="online")
    equal(witness.next("security").json["client_cert"], True)
    witness.next("data")


@test
def test_missing_client_certificate_is_a_cause_of_its_own(world):
    pki = world.path("pki")
    world.hawser_run("pki", "init", pki, "--host", "localhost")
    world.hawser_run("pki", "device", pki, "operator")
    broker = world.broker("--client-certs", pki=pki, devices=())
    agent = world.agent(broker, {"broker": {
        "username": None, "password_file": None,
        "ca_file": f"{pki}/ca/ca.crt"}, "retry": {"speed": 1000}}).start()
    for _ in range(2):
        equal(agent.event("offline", 30)["cause"], "tls_client_cert")
    equal(agent.events("online"), [], "online")

