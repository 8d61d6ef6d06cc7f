# SPDX-License-Identifier: Apache-2.0
"""Name servers that fail, lie or are silent. The device asks again, tries each
address, and trusts none that TLS does not."""
import time

from harness.dns import NAME, NXDOMAIN, SERVFAIL, NameServer
from harness.line import HERE_IP
from harness.net import TlsServer
from harness.process import check, equal
from harness.registry import long_test, test


def named_device(world, addresses=(HERE_IP,)):
    """(a device that finds its broker by name, the name server)"""
    world.bad_line()
    broker = world.broker()
    names = world.keep(NameServer(world, addresses))
    agent = world.agent(broker, {
        "broker": {"url": f"mqtts://{NAME}:{broker.port.number}"},
        "retry": {"speed": 100}}, wrap=names.wrap)
    return agent, names


def recovers(agent, seconds=60):
    start = time.monotonic()
    agent.event("online", seconds)
    print(f"recovered {time.monotonic() - start:.1f} s")


def make(name, break_it, kind):
    def show(world):
        agent, names = named_device(world)
        break_it(names)
        agent.start()
        for _ in range(2):
            equal(agent.event("retry", 60)["cause"], "dns")
        names.rcode, names.silent = 0, False
        recovers(agent)
    show.__name__ = f"test_dns_{name}"
    kind(show)


make("unknown_name_is_asked_for_again",
     lambda names: setattr(names, "rcode", NXDOMAIN), test)
make("failure_of_the_server_is_survived",
     lambda names: setattr(names, "rcode", SERVFAIL), long_test)
make("silence_is_survived",
     lambda names: setattr(names, "silent", True), long_test)


@test
def test_dns_wrong_address_then_right_one(world):
    """What answers there is a TLS server, but not ours."""
    agent, names = named_device(world, ["127.0.0.1"])
    agent.start()
    agent.event("retry", 60)
    stranger = world.keep(TlsServer(*world.certs().server()))
    check(stranger.accepted == 0, "somebody came before")
    equal(agent.events("online"), [], "online")
    names.addresses = [HERE_IP]
    recovers(agent)


@long_test
def test_dns_changed_address_is_found(world):
    """The broker has moved: what the name says is asked anew each time."""
    agent, names = named_device(world)
    agent.start()
    agent.event("online", 60)
    names.addresses = ["192.0.2.77"]
    world.line.tell("cut", "both")
    agent.event("offline", 60)
    world.line.tell("heal")
    agent.event("retry", 60)
    names.addresses = [HERE_IP]
    recovers(agent, 90)


@long_test
def test_dns_dead_addresses_are_passed(world):
    """Twenty addresses, nobody lives at the first ones that are tried."""
    agent, names = named_device(
        world, [f"127.0.1.{i}" for i in range(1, 20)] + [HERE_IP])
    agent.start()
    # The device looks at a few of them only; the order is the server's.
    agent.event("retry", 60)
    names.addresses.insert(2, names.addresses.pop())
    recovers(agent, 90)


@test
def test_dns_ipv6_that_leads_nowhere_is_passed(world):
    agent, _ = named_device(world, ["2001:db8::1", HERE_IP])
    agent.start()
    recovers(agent, 90)
