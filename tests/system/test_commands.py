# SPDX-License-Identifier: Apache-2.0
"""Commands: obeyed, answered, refused; nothing that arrives can stop a device."""
import json
import os

from harness import Broker, Witness, expect, hawser, need

CONTROL = "hawser/esp-001/control"


def test_ping_is_answered_by_pong_and_reply(world):
    broker, witness, _ = world.online()
    broker.publish(CONTROL, b'{"command":"ping","id":"a-1"}')
    pong = witness.expect("/status", status="pong")
    expect(not pong.retain and pong.json()["device"] == "esp-001", "pong")
    witness.at = 0
    reply = witness.expect("/reply", id="a-1").json()
    expect(reply["status"] == "succeeded" and reply["command"] == "ping",
           f"{reply}")
    late = Witness(world, broker)
    expect(late.expect("/status").json()["status"] == "online",
           "the pong was not retained")


def test_reply_goes_to_the_response_topic_too(world):
    broker, witness, _ = world.online()
    broker.publish(CONTROL, b'{"command":"ping","id":"b"}', "-V", "5",
                   "-D", "publish", "response-topic",
                   "hawser/esp-001/reply/here",
                   "-D", "publish", "correlation-data", "corr")
    witness.expect("reply/here", id="b")
    broker.publish(CONTROL, b'{"command":"ping","id":"c"}', "-V", "5",
                   "-D", "publish", "response-topic", "hawser/esp-002/control")
    witness.expect("/reply", id="c")
    expect(not witness.seen("esp-002/control"), "never outside its own tree")


def test_get_status_and_set_interval(world):
    broker, witness, _ = world.online(telemetry={"interval_s": 3600})
    broker.publish(CONTROL, b'{"command":"get_status","id":"s"}')
    reply = witness.expect("/reply", id="s").json()
    expect(reply["status"] == "succeeded" and reply["result"], f"{reply}")
    broker.publish(CONTROL, b'{"command":"set_interval","id":"i",'
                            b'"args":{"interval_s":1}}')
    witness.expect("/reply", id="i", status="succeeded")
    witness.expect("/data")
    witness.expect("/data")
    broker.publish(CONTROL, b'{"command":"set_interval","id":"j",'
                            b'"args":{"interval_s":0}}')
    witness.expect("/reply", id="j", status="rejected")


def test_restart_is_answered_after_the_boot(world):
    broker, witness, agent = world.online()
    first = witness.expect("/status", status="online").json()
    pid = agent.process.pid
    broker.publish(CONTROL, b'{"command":"restart","id":"r-9"}')
    witness.expect("/status", status="restarting")
    reply = witness.expect("/reply", id="r-9").json()
    expect(reply["status"] == "succeeded" and reply["boot"] ==
           first["boot"] + 1, f"{reply}")
    expect("command" in json.dumps(reply), f"the reset reason: {reply}")
    expect(os.path.exists(f"/proc/{pid}"), "the same process, started anew")
    broker.publish(CONTROL, b'{"command":"ping","id":"still"}')
    witness.expect("/reply", id="still")


def test_restart_with_the_same_id_happens_once(world):
    broker, witness, agent = world.online()
    broker.publish(CONTROL, b'{"command":"restart","id":"once"}')
    witness.expect("/reply", id="once", status="succeeded")
    broker.publish(CONTROL, b'{"command":"restart","id":"once"}')
    witness.expect("/reply", id="once", status="duplicate")
    broker.publish(CONTROL, b'{"command":"restart","id":"o2","if_boot":1}')
    witness.expect("/reply", id="o2", code="wrong_boot")


def test_retained_restart_is_refused_and_reported(world):
    broker = Broker(world)
    witness = Witness(world, broker)
    broker.publish(CONTROL, b'{"command":"restart","id":"trap"}', "-r")
    agent = world.agent(broker)
    agent.expect("online")
    agent.expect("refused")
    witness.expect("/event")
    broker.publish(CONTROL, b'{"command":"get_status","id":"alive"}')
    reply = witness.expect("/reply", id="alive").json()
    expect(reply["boot"] == 1, "it did not restart")
    expect(not agent.seen("restart"), "no restart in the log")


def test_update_cert_is_not_supported_yet(world):
    broker, witness, _ = world.online()
    broker.publish(CONTROL, b'{"command":"update_cert","id":"u"}')
    witness.expect("/reply", id="u", status="rejected", code="not_supported")


GARBAGE = {
    "no command": b'{"id":"g"}',
    "command is a number": b'{"command":5}',
    "command is null": b'{"command":null}',
    "id is an object": b'{"command":"ping","id":{}}',
    "args is a string": b'{"command":"set_interval","args":"fast"}',
    "unknown command": b'{"command":"dance"}',
    "empty": b"",
    "not JSON": b"restart",
    "an array": b'["restart"]',
    "cut short": b'{"command":"restart"',
    "junk behind": b'{"command":"ping"} {"command":"restart"}',
    "deep nesting": b'{"command":' + b"[" * 2000 + b"]" * 2000 + b"}",
    "deep objects": b'{"a":' * 500 + b"1" + b"}" * 500,
    "invalid UTF-8": b'{"command":"pi\xff\xfeng"}',
    "a NUL": b'{"command":"ping\x00"}',
    "many members": b'{' + b",".join(b'"k%d":1' % i for i in range(400)) + b"}",
    "1 MiB": b'{"command":"' + b"a" * (1 << 20) + b'"}',
    "a huge number": b'{"command":"set_interval","args":{"interval_s":'
                     b'99999999999999999999999}}',
}


def test_garbage_is_refused_and_the_device_stays_up(world):
    broker, witness, agent = world.online(telemetry={"interval_s": 3600})
    pid = agent.process.pid
    for words, payload in GARBAGE.items():
        broker.publish(CONTROL, payload)
        agent.expect("refused")
        expect(agent.process.poll() is None, f"{words}: the agent ended")
    broker.publish(CONTROL, b'{"command":"get_status","id":"end"}')
    reply = witness.expect("/reply", id="end").json()
    expect(agent.process.pid == pid and reply["boot"] == 1, "same boot")
    expect(f'"refused":{len(GARBAGE)}' in json.dumps(reply).replace(" ", ""),
           f"every refusal is counted: {reply}")
    witness.at = 0
    witness.expect("/reply", status="rejected")


def test_send_prints_the_outcome_and_exits_by_it(world):
    broker, witness, _ = world.online()
    config = ("--config", broker.operator(), "--timeout", "10")
    done = need(hawser("send", *config, "esp-001", "ping"))
    expect("succeeded" in done.stdout or "pong" in done.stdout, done.stdout)
    done = need(hawser("send", *config, "esp-001", "set_interval",
                       "interval_s=1"))
    done = hawser("send", *config, "esp-001", "dance")
    expect(done.returncode == 1, f"rejected is 1: {done}")
    done = hawser("send", "--config", broker.operator(), "--timeout", "1",
                  "nobody", "ping")
    expect(done.returncode == 4, f"no answer is 4: {done}")
    done = need(hawser("send", "--config", broker.operator(), "esp-001",
                       "restart", timeout_s=60))
    expect("boot" in done.stdout, done.stdout)
