# SPDX-License-Identifier: Apache-2.0
"""A third broker, RabbitMQ with its MQTT plugin: MQTT 3.1.1, no QoS 2, sessions
of its own kind. Its Erlang is large, so `make test-brokers` installs it, and
without it this is skipped."""
import json
import os
import signal
import subprocess

from harness.net import Port
from harness.process import Process, check, equal, run, wait_until
from harness.registry import Skip, test

SERVER = "/usr/lib/rabbitmq/bin/rabbitmq-server"
PASSWORD = "sesame-for-rabbits"


class RabbitMQ:
    """On loopback, in a folder of its own; MQTT over TLS only."""

    def __init__(self, world):
        if not os.path.exists(SERVER):
            raise Skip("RabbitMQ is not installed (make test-brokers does)")
        certs = world.certs()
        certificate, key = certs.server()
        self.ca = certs.ca
        self.port, amqp, dist, epmd = (world.keep(Port()) for _ in range(4))
        self.folder = world.fresh("rabbitmq")
        os.makedirs(self.folder)
        config = world.write("rabbitmq.conf", "\n".join([
            "listeners.tcp = none",
            "mqtt.listeners.tcp = none",
            f"mqtt.listeners.ssl.1 = 127.0.0.1:{self.port.number}",
            f"ssl_options.cacertfile = {certs.ca}",
            f"ssl_options.certfile = {certificate}",
            f"ssl_options.keyfile = {key}",
            "ssl_options.verify = verify_none",
            "mqtt.allow_anonymous = false",
            "default_user = rabbit", f"default_pass = {PASSWORD}",
            "loopback_users = none"]) + "\n")
        plugins = world.write("enabled_plugins", "[rabbitmq_mqtt].\n")
        env = dict(
            os.environ, HOME=self.folder, RABBITMQ_CONFIG_FILE=config,
            RABBITMQ_ENABLED_PLUGINS_FILE=plugins,
            RABBITMQ_NODENAME=f"hawser{os.getpid()}@localhost",
            RABBITMQ_MNESIA_BASE=self.folder, RABBITMQ_LOG_BASE=self.folder,
            RABBITMQ_LOGS="-", RABBITMQ_DIST_PORT=str(dist.number),
            RABBITMQ_NODE_PORT=str(amqp.number),
            RABBITMQ_CONF_ENV_FILE="/dev/null",
            RUNNING_UNDER_SYSTEMD="1",  # no shell stays in between
            RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS=
            "-kernel inet_dist_use_interface {127,0,0,1}",
            ERL_EPMD_PORT=str(epmd.number), ERL_EPMD_ADDRESS="127.0.0.1")
        # epmd stays behind by nature; one of our own can be ended.
        self.epmd = Process("epmd", ["epmd"], world.path("epmd.log"), env=env)
        self.process = Process("rabbitmq", [SERVER], world.path("rabbit.err"),
                               env=env)
        world.last.callback(self.close)
        self.process.stream.next(
            "", lambda line: "completed with" in line, 90, "RabbitMQ started")

    def close(self):
        for process in (self.process, self.epmd):
            if process.is_running():
                process.kill()


def drive(world, text, wanted=0):
    driver = os.path.join(os.path.dirname(world.hawser), "hawser-mqtt-driver")
    said = run([driver], wanted=wanted, data=text.encode(), seconds=60)
    return [json.loads(line) for line in said.splitlines()]


def connect(rabbit, **options):
    words = dict({"host": "localhost", "port": rabbit.port.number,
                  "ca": rabbit.ca, "version": 3, "client_id": "h",
                  "user": "rabbit", "password": PASSWORD}, **options)
    return ("connect " + " ".join(f"{k}={v}" for k, v in words.items()) +
            "\n")


def only(events, name):
    return [e for e in events if e["event"] == name]


@test
def test_rabbitmq_takes_what_the_core_says(world):
    rabbit = RabbitMQ(world)

    # Every QoS; 2 is granted, and delivered, as 1.
    events = drive(world, connect(rabbit) + """
        wait event=connected
        subscribe filter=a/%2B qos=2 filter=b/%23 qos=1
        wait event=subscribed
        publish topic=a/0 payload=zero
        wait event=message
        publish topic=a/1 payload=one qos=1
        wait event=published
        wait event=message
        publish topic=b/2/x payload=two qos=2
        wait event=published
        wait event=message
        unsubscribe filter=b/%23
        wait event=unsubscribed
        disconnect
        """)
    equal([m["payload"] for m in only(events, "message")],
          ["zero", "one", "two"])
    check(all(m["qos"] <= 1 for m in only(events, "message")),
          "it should know no QoS 2")

    # Sizes from nothing to more than any of our buffers.
    events = drive(world, connect(rabbit) + """
        wait event=connected
        subscribe filter=s qos=1
        wait event=subscribed
        publish topic=s qos=1
        wait event=message
        publish topic=s qos=1 more=100000
        wait event=published timeout_ms=20000
        wait event=message timeout_ms=20000
        publish topic=s qos=1 payload=last
        wait event=published timeout_ms=20000
        wait event=message timeout_ms=20000
        disconnect
        """)
    whole = "".join(m["payload"] for m in only(events, "message"))
    equal(len(whole), 100000 + len("last"))

    # Retained; the will.
    events = drive(world, connect(rabbit, client_id="w", will_topic="will",
                                  will_payload="gone", will_qos=1) + """
        wait event=connected
        publish topic=kept payload=value qos=1 retain=1
        wait event=published
        cut
        """ + connect(rabbit, client_id="v") + """
        wait event=connected
        subscribe filter=kept qos=1
        wait event=message
        disconnect
        """)
    equal([(m["payload"], m["retain"]) for m in only(events, "message")],
          [("value", True)])

    # A session goes on after a cut.
    events = drive(world, connect(rabbit, client_id="s", clean_start=0) + """
        wait event=connected
        ack mode=manual
        subscribe filter=later qos=1
        wait event=subscribed
        publish topic=later payload=x qos=1
        wait event=published
        wait event=message
        cut
        ack mode=auto
        reconnect
        wait event=connected
        wait event=message
        disconnect
        """)
    equal([m["payload"] for m in only(events, "message")], ["x", "x"])
    equal([c["session_present"] for c in only(events, "connected")],
          [False, True])

    # A login that is none; and 5.0, which this one does not speak.
    events = drive(world, connect(rabbit, password="wrong") +
                   "wait event=closed\n")
    equal([e["reason"] for e in only(events, "refused")], [0x86])
    events = drive(world, connect(rabbit, version=5) + "wait event=closed\n")
    equal(only(events, "connected"), [])


@test
def test_rabbitmq_has_the_device_online(world):
    rabbit = RabbitMQ(world)
    rabbit.url = f"mqtts://localhost:{rabbit.port.number}"
    rabbit.path = lambda _, name: (
        rabbit.ca if name == "ca.crt" else
        world.write("password", PASSWORD, 0o600))
    agent = world.agent(rabbit, {"broker": {"username": "rabbit"}})
    agent.start_online()
    agent.stop()
