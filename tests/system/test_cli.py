# SPDX-License-Identifier: Apache-2.0
"""The command as people and scripts use it, and the classic flat layout."""
import json
import os
import socket
import time

from harness.process import Process, check, equal, run
from harness.registry import test


def members(payload):
    return [key for key, _ in json.loads(payload, object_pairs_hook=list)]


@test
def test_flat_layout_is_the_classic_one(world):
    broker = world.broker("--layout", "flat", "--root", "esp32")
    witness = world.witness(broker)
    agent = world.agent(broker, {
        "topics": {"root": "esp32", "layout": "flat"},
        "sensors": {"temperature": "simulated:24..25",
                    "humidity": "simulated:60..61"}}).start_online()
    status = witness.next("status", lambda m: m.json["status"] == "online")
    equal((status.topic, members(status.payload)[:4]),
          ("esp32/status", ["device", "status", "tls", "version"]))
    data = witness.next("data")
    classic = [m for m in ("device", "temperature", "humidity", "rssi",
                           "heap", "uptime") if m in data.json]
    equal((data.topic, members(data.payload)[:len(classic)]),
          ("esp32/data", classic))
    check(len(classic) >= 5, f"{classic}")
    broker.publish("esp32/control", '{"command":"ping"}')
    pong = witness.next("status", lambda m: m.json["status"] == "pong")
    equal(pong.json, {"device": "dev1", "status": "pong"})
    # A command for another device is none of ours.
    broker.publish("esp32/control",
                   '{"command":"restart","device":"dev2","id":"no"}')
    broker.publish("esp32/control",
                   '{"command":"ping","device":"dev1","id":"yes"}')
    witness.next_json("reply", id="yes")
    equal([m for m in witness.all("reply") if m.json.get("id") == "no"], [])
    equal(len(agent.events("start")), 1, "starts")


@test
def test_configuration_of_broker_user_works_as_it_is(world):
    """What `hawser broker user` writes is all that a device needs."""
    broker = world.broker()
    process = Process("agent", [
        world.hawser, "agent", "--config", broker.path("devices", "dev1.ini"),
        "--log", "json"], world.path("stderr"), parse=json.loads)
    world.last.callback(lambda: process.is_running() and process.kill())
    process.stream.next("online", lambda e: e["event"] == "online", 60,
                        "online")
    world.hawser_run("send", "--config", broker.operator_ini, "dev1", "ping")
    equal(process.stop(), 0, "exit code")


@test
def test_text_log_is_for_people(world):
    broker = world.broker()
    agent = world.agent(broker)
    process = Process("agent", agent.command(), world.path("stderr"))
    world.last.callback(lambda: process.is_running() and process.kill())
    line = process.stream.next("online", lambda l: " online " in l, 20,
                               "line with online")
    check("broker=localhost" in line, line)
    equal(process.stop(), 0, "exit code")


@test
def test_mistakes_in_the_configuration_are_named(world):
    broker = world.broker()
    agent = world.agent(broker)
    for change, words in (
            ({"telemetry": {"intervall_s": 5}}, ["intervall_s", "interval_s"]),
            ({"telemetry": {"interval_s": "soon"}},
             ["interval_s", "soon", "86400"]),
            ({"broker": {"url": "mqtt://localhost"}}, ["url", "mqtts://"]),
            ({"device": {"id": "a/b"}}, ["id", "a/b"]),
            ({"unheard": {"of": 1}}, ["unheard"])):
        broken = world.agent(broker, change)
        code, said = run(broken.command(), wanted=None)
        equal(code, 3, f"exit code ({said})")
        for word in words + ["agent.ini:"]:
            check(word in said, f"{word!r} is not in: {said}")
    code, said = run(agent.command("--check"), wanted=None)
    equal(code, 0, f"exit code of --check ({said})")


@test
def test_secrets_open_to_others_are_refused(world):
    broker = world.broker()
    for mode in (0o644, 0o640, 0o604):
        open_file = world.write("open", broker.password("dev1"), mode)
        agent = world.agent(broker, {"broker": {"password_file": open_file}})
        code, said = run(agent.command(), wanted=None)
        equal(code, 3, f"exit code with mode {mode:o}")
        check("password_file" in said or "open" in said, said)


@test
def test_ca_files_that_are_unusable_are_refused(world):
    broker = world.broker()
    with open(broker.path("devices", "ca.crt")) as f:
        whole = f.read()
    for name, text in (("empty", ""), ("half", whole[:len(whole) // 2]),
                       ("junk", "no certificate\n"),
                       ("leaf", open(broker.path("tls", "server.crt")).read())):
        agent = world.agent(broker, {"broker": {
            "ca_file": world.write(name, text)}})
        code, said = run(agent.command(), wanted=None)
        equal((name, code), (name, 3), f"exit code ({said})")
    for path in (world.folder, "/nonexistent"):
        agent = world.agent(broker, {"broker": {"ca_file": path}})
        equal(run(agent.command(), wanted=None)[0], 3, f"exit code ({path})")


@test
def test_send_tells_outcomes_by_exit_code(world):
    broker = world.broker()
    agent = world.agent(broker).start_online()

    def send(*words, wanted=0):
        return world.hawser_run("send", "--config", broker.operator_ini,
                                *words, wanted=wanted)
    check("succeeded" in send("dev1", "ping"), "no outcome")
    reply = json.loads(send("--json", "dev1", "get_status"))
    equal((reply["device"], reply["result"]["status"]), ("dev1", "online"))
    said = send("dev1", "update_cert", wanted=1)
    check("no_update_key" in said, said)
    send("dev1", "no_such_command", wanted=1)
    send("dev1", wanted=2)
    send("--timeout", "1", "dev9", "ping", wanted=4)
    flights = world.hawser_run("flights", "--config", broker.operator_ini,
                               "dev1").splitlines()
    equal((len(flights), flights[1].split()[-1]), (2, "online"), "flights")
    said = send("dev1", "restart")
    check("command" in said, f"no reset reason: {said}")
    equal(len(agent.events("start")), 2, "starts")
    parts = [json.loads(line) for line in world.hawser_run(
        "flights", "--config", broker.operator_ini, "--json",
        "dev1").splitlines()]
    told = [flight for part in parts for flight in part["result"]["flights"]]
    equal([(f["n"], f["boot"], f["cause"]) for f in told],
          [(1, 1, "stopped"), (2, 2, "none")], "flights over a restart")


@test
def test_watch_shows_devices(world):
    broker = world.broker(devices=("dev1", "dev2"))
    world.agent(broker).start_online()
    second = world.agent(broker, id="dev2").start_online()
    second.stop()
    lines = world.hawser_run("watch", "--config", broker.operator_ini,
                             "--once", "--json").splitlines()
    status = {m["device"]: m["message"]["status"] for m in map(
        json.loads, lines) if m["kind"] == "status"} \
        if isinstance(json.loads(lines[0])["message"], dict) else {
        m["device"]: json.loads(m["message"])["status"] for m in map(
            json.loads, lines) if m["kind"] == "status"}
    equal(status, {"dev1": "online", "dev2": "offline"})
    table = world.hawser_run("watch", "--config", broker.operator_ini,
                             "--once")
    check("dev1" in table and "TLSv1.3" in table, table)
    watch = Process("watch", [world.hawser, "watch", "--config",
                              broker.operator_ini, "--json"],
                    world.path("watch.log"), parse=json.loads)
    world.last.callback(lambda: watch.is_running() and watch.kill())
    for _ in range(2):
        watch.stream.next("data", lambda m: m["kind"] == "data", 15, "data")
    equal(watch.stop(), 0, "exit code of watch")


@test
def test_service_manager_is_told(world):
    broker = world.broker()
    path = world.path("notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(path)
        listener.settimeout(20)
        agent = world.agent(broker, env=dict(
            os.environ, NOTIFY_SOCKET=path, WATCHDOG_USEC="1000000")).start()
        heard = ""
        while not all(w in heard for w in ("READY=1", "WATCHDOG=1", "online")):
            heard += listener.recv(4096).decode() + "\n"
        agent.stop()
        while "STOPPING=1" not in heard:
            heard += listener.recv(4096).decode() + "\n"


@test
def test_many_devices_share_a_broker(world):
    ids = [f"many-{i}" for i in range(6)]
    broker = world.broker(devices=ids)
    witness = world.witness(broker)
    agents = [world.agent(broker, id=i).start() for i in ids]
    for agent in agents:
        agent.event("online", 40)
    start = time.monotonic()
    broker.stop()
    broker.start()
    for agent in agents:
        agent.event("offline")
        agent.event("online", 60)
    check(time.monotonic() - start < 60, "it took too long")
    witness.wait_subscribed()
    seen = {m.json["device"] for m in witness.all("status")}
    equal(seen, set(ids), "devices")
