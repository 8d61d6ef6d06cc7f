# SPDX-License-Identifier: Apache-2.0
"""The driver for other people's tests, against a real broker."""
import json
import os
import re

from harness.process import check, equal, run
from harness.registry import test


def drive(world, text, wanted=0):
    """What the driver answers to these commands."""
    driver = os.path.join(os.path.dirname(world.hawser), "hawser-mqtt-driver")
    said = run([driver], wanted=wanted, data=text.encode())
    return [json.loads(line) for line in said.splitlines()]


def operator(world, broker, version, ca=None):
    with open(broker.path("operator.password")) as f:
        password = f.read().strip()
    return (f"connect host=localhost port={broker.port.number} "
            f"ca={ca or broker.path('devices', 'ca.crt')} version={version} "
            f"user=operator password={password} client_id=driver "
            "prop.session_expiry=60 aliases=4\nwait event=connected\n")


@test
def test_driver_speaks_every_qos_in_both_versions(world):
    broker = world.broker()
    for version in (3, 5):
        events = drive(world, operator(world, broker, version) + """
            subscribe filter=hawser/dev1/control qos=2
            wait event=subscribed
            publish topic=hawser/dev1/control payload=zero
            wait event=message
            publish topic=hawser/dev1/control payload=one qos=1
            wait event=message
            wait event=published
            publish topic=hawser/dev1/control payload=%ff qos=2
            wait event=message
            wait event=published
            disconnect
            """)
        messages = [e for e in events if e["event"] == "message"]
        equal([m["qos"] for m in messages], [0, 1, 2])
        equal([m.get("payload", m.get("payload_hex")) for m in messages],
              ["zero", "one", "ff"])
        equal([e["reason"] for e in events if e["event"] == "published"],
              [0, 0])


@test
def test_driver_takes_no_misspelt_key_for_one_left_out(world):
    """Without "ca" it is plain TCP, and a password would leave unencrypted."""
    broker = world.broker()
    good = operator(world, broker, 5)
    for wrong in (good.replace(" ca=", " cafile="), "wait evnt=connected",
                  "publish topic=a payloads=b", "cut now=1"):
        events = drive(world, wrong.splitlines()[0] + "\n", wanted=1)
        equal([e["event"] for e in events], ["failed"])
        check("no such key" in events[0]["detail"], events[0]["detail"])


@test
def test_driver_gives_a_payload_in_parts(world):
    """Larger than any buffer of it: the rest is made while it leaves."""
    broker = world.broker()
    config = broker.path("mosquitto.conf")
    more = 9_000_000
    with open(config) as f:
        text = f.read()
    check("max_packet_size" in text, "the broker's limit has another name")
    with open(config, "w") as f:
        f.write(re.sub("max_packet_size.*", "", text))
    broker.stop()
    broker.start()
    events = drive(world, operator(world, broker, 5) + f"""
        subscribe filter=hawser/dev1/control qos=1
        wait event=subscribed
        publish topic=hawser/dev1/control qos=1 payload=head more={more}
        wait event=published timeout_ms=60000
        publish topic=hawser/dev1/control qos=1 payload=last
        wait event=published timeout_ms=60000
        disconnect
        """)
    parts = [e["payload"] for e in events if e["event"] == "message"]
    whole = "".join(parts)
    equal(len(whole), len("head") + more + len("last"))
    equal(whole[:10], "headefghij")  # the alphabet goes by the offset
    equal(whole[4:30] * 3, whole[30:108])
    check(len(parts) > 2, "came in one part")
    equal(whole[-4:], "last")


@test
def test_driver_keeps_its_session_over_a_cut(world):
    broker = world.broker()
    events = drive(world, operator(world, broker, 5).replace(
        "version", "clean_start=0 version") + """
        ack mode=manual
        subscribe filter=hawser/dev1/control qos=2
        wait event=subscribed
        publish topic=hawser/dev1/control payload=x qos=2
        wait event=published
        wait event=message
        cut
        reconnect
        wait event=connected
        wait event=message
        accept packet_id=1
        disconnect
        """)
    connected = [e for e in events if e["event"] == "connected"]
    equal([c["session_present"] for c in connected], [False, True])
    equal([m["dup"] for m in events if m["event"] == "message"], [False, True])


@test
def test_driver_goes_on_with_the_session_of_the_same_client(world):
    broker = world.broker()
    login = operator(world, broker, 5).replace("version", "clean_start=0 version")
    events = drive(world, login + """
        publish topic=hawser/dev1/control qos=1
        cut
        """ + login + """
        wait event=published
        disconnect
        """)
    connected = [e for e in events if e["event"] == "connected"]
    equal([c["session_present"] for c in connected], [False, True])
    # Another program knows nothing of that session: it has to close.
    events = drive(world, login.replace("event=connected", "event=error"))
    equal([e["number"] for e in events if e["event"] == "error"], [0x82])


@test
def test_driver_verifies_tls_and_names_mistakes(world):
    broker = world.broker()
    login = operator(world, broker, 5, world.certs().ca)
    events = drive(world, login.replace("connected", "closed") +
                   "bogus a=b\npublish topic=%x\nquit\n", wanted=1)
    check(any(e["event"] == "closed" and "tls_unknown_ca" in e["detail"]
              for e in events), f"{events}")
    equal([e["detail"] for e in events if e["event"] == "failed"],
          ["no such command", "% is followed by two hexadecimal digits"])


@test
def test_driver_sends_raw_bytes_or_says_that_they_are_none(world):
    broker = world.broker()
    login = operator(world, broker, 5)
    events = drive(world, login + "raw hex=E000\nwait event=closed\n")
    check("failed" not in [e["event"] for e in events], f"{events}")
    for wrong in ("hex=c00", "hex=c0zz", "hex=%20c0", "hex=0x", "hex=c0%000",
                  "hex=%10%10", "hex=", ""):
        events = drive(world, login + f"raw {wrong}\ndisconnect\n", wanted=1)
        equal([e["detail"] for e in events if e["event"] == "failed"],
              ["hex is pairs of hexadecimal digits, as in hex=c000"])
