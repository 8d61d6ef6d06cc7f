# SPDX-License-Identifier: Apache-2.0
"""What strangers may send: the device refuses it, counts it and stays up."""
import json
import os
import signal

from harness.process import check, equal, run
from harness.registry import test
from harness.world import SOURCE

CONTROL = "hawser/dev1/control"


def refused_count(broker, witness, id):
    """By the device's own counter, asked for by a command."""
    broker.publish(CONTROL, json.dumps({"command": "get_status", "id": id}))
    reply = witness.next_json("reply", id=id)
    return reply["result"]["counters"]["refused"], reply["boot"]


@test
def test_retained_restart_is_refused(world):
    broker = world.broker()
    broker.publish(CONTROL, '{"command":"restart","id":"r"}', "-r")
    witness = world.witness(broker, "hawser/dev1/event", "hawser/dev1/reply",
                            "hawser/dev1/status")
    agent = world.agent(broker).start_online()
    event = witness.next_json("event", event="command_refused")
    equal((event["code"], event["count"]), ("retained", 1))
    agent.event("refused", code="retained")
    # Nor does it happen at the next connection.
    count, boot = refused_count(broker, witness, "c1")
    equal((count, boot, len(agent.events("start"))), (1, 1, 1))
    statuses = [m.json["status"] for m in witness.all("status")]
    check("restarting" not in statuses, f"{statuses}")


@test
def test_commands_of_an_outage_are_all_answered(world):
    broker = world.broker()
    agent = world.agent(broker).start_online()
    witness = world.witness(broker, "hawser/dev1/reply")
    agent.signal(signal.SIGSTOP)
    for i in range(30):
        broker.publish(CONTROL, json.dumps({"command": "ping", "id": f"p{i}"}))
    agent.signal(signal.SIGCONT)
    for i in range(30):
        equal(witness.next_json("reply", id=f"p{i}")["status"], "succeeded")
    equal(agent.events("refused"), [], "refusals")


GARBAGE = {
    "missing_command": '{"id":"1"}',
    "empty_object": "{}",
    "command_is_a_number": '{"command":7}',
    "command_is_null": '{"command":null}',
    "command_is_an_object": '{"command":{"command":"restart"}}',
    "command_is_long": json.dumps({"command": "x" * 3000}),
    "id_is_a_number": '{"command":"ping","id":1}',
    "args_is_a_list": '{"command":"ping","args":[1]}',
    "if_boot_is_text": '{"command":"restart","if_boot":"1"}',
    "if_boot_is_another": '{"command":"restart","if_boot":99999}',
    "expires_is_negative": '{"command":"restart","expires":-1}',
    "expired": '{"command":"restart","expires":1000000000}',
    "unknown_command": '{"command":"reboot_now"}',
    "not_json": "restart",
    "half_json": '{"command":"restart"',
    "two_objects": '{"command":"restart"}{"command":"restart"}',
    "array": '[{"command":"restart"}]',
    "text": '"restart"',
    "trailing": '{"command":"restart"} x',
    "key_without_quotes": "{command:restart}",
    "single_quotes": "{'command':'restart'}",
    "empty": "",
    "blanks": " \t\r\n",
    "zeros": b"\0" * 64,
    "invalid_utf8": b'{"command":"restart","id":"\xff\xfe"}',
    "overlong_utf8": b'{"command":"\xc0\xaf"}',
    "surrogate_utf8": b'{"command":"restart","x":"\xed\xa0\x80"}',
    "truncated_utf8": b'{"command":"restart"}\xe2\x82',
    "bom": b'\xef\xbb\xbf{"command":"restart"',
    "deep_objects": '{"a":' * 400 + "1" + "}" * 400,
    "deep_arrays": '{"command":' + "[" * 2000 + "]" * 2000 + "}",
    "many_values": json.dumps({"command": "restart",
                               "args": {str(i): i for i in range(300)}}),
    "one_mebibyte": '{"command":"restart","x":"' + "x" * (1 << 20) + '"}',
    "above_the_buffer": '{"command":"restart","x":"' + "x" * 9000 + '"}',
    "packet_like": bytes(range(256)) * 4,
}


def show_garbage(world, names):
    broker = world.broker()
    agent = world.agent(broker).start_online()
    witness = world.witness(broker)
    session = witness.next_json("status", status="online")["session"]
    refused = 0
    for number, name in enumerate(names):
        broker.publish(CONTROL, GARBAGE[name])
        # After it the device still answers, has counted it, and has not moved.
        count, boot = refused_count(broker, witness, f"after {number}")
        check(count > refused, f"{name}: not counted as refused")
        equal(boot, 1, f"{name}: boot")
        refused = count
    equal(len(agent.events("start")), 1, "starts")
    status = world.witness(broker, "hawser/dev1/status").next("status").json
    equal((status["status"], status["session"]), ("online", session))
    replies = [m.json for m in witness.all("reply")]
    check(any(r["status"] == "rejected" for r in replies),
          "no rejection was answered")
    check("xxxx" not in json.dumps(agent.process.stream.items),
          "a payload is in the log")
    return replies


@test
def test_garbage_wrong_members(world):
    replies = show_garbage(world, list(GARBAGE)[:13])
    codes = {r.get("code") for r in replies}
    check({"missing_command", "bad_command"} <= codes, f"{codes}")


@test
def test_garbage_not_json(world):
    show_garbage(world, list(GARBAGE)[13:24])


@test
def test_garbage_not_utf8_too_deep_too_large(world):
    show_garbage(world, list(GARBAGE)[24:])


@test
def test_update_cert_without_keys_is_refused(world):
    broker = world.broker()
    world.agent(broker).start_online()
    witness = world.witness(broker)
    broker.publish(CONTROL, '{"command":"update_cert","id":"u"}')
    reply = witness.next_json("reply", id="u")
    equal((reply["status"], reply["code"]), ("rejected", "no_update_key"))


@test
def test_flood_of_garbage_is_answered_at_a_limited_rate(world):
    broker = world.broker()
    agent = world.agent(broker).start_online()
    witness = world.witness(broker)
    lines = "".join(f"nonsense {i}\n" for i in range(300))
    run(broker.client("mosquitto_pub") + ["-q", "1", "-t", CONTROL, "-l"],
        data=lines.encode())
    count, _ = refused_count(broker, witness, "end")
    check(count >= 300, f"{count} of 300 were counted")
    rejected = [m for m in witness.all("reply")
                if m.json["status"] == "rejected"]
    check(1 <= len(rejected) <= 60, f"{len(rejected)} replies to 300 messages")
    check(agent.process.is_running(), "the agent ended")


@test
def test_secrets_and_payloads_are_not_logged(world):
    broker = world.broker()
    agent = world.agent(broker).start_online()
    witness = world.witness(broker)
    secret = "S3cretInACommand"
    broker.publish(CONTROL, json.dumps(
        {"command": "ping", "id": "1", "args": {"x": secret}}))
    witness.next_json("reply", id="1")
    agent.event("command")
    for name in ("cmdline", "environ"):
        with open(f"/proc/{agent.pid}/{name}", "rb") as f:
            check(broker.password("dev1").encode() not in f.read(),
                  f"the password is in {name}")
    agent.stop()
    log = json.dumps(agent.process.stream.items) + agent.process.errors()
    check(secret not in log, "a command's payload is in the log")
    check(broker.password("dev1") not in log, "the password is in the log")


@test
def test_signed_command_as_documented(world):
    """The shell lines of docs/commands.md, with the device's own names."""
    broker = world.broker()
    key, public = world.path("command.key"), world.path("command.pub")
    run(["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout",
         "-out", key])
    run(["openssl", "ec", "-in", key, "-pubout", "-out", public])
    world.agent(broker,
                {"device": {"command_key_file": public}}).start_online()
    witness = world.witness(broker, "hawser/dev1/reply", "hawser/dev1/alert/#")
    with open(os.path.join(SOURCE, "docs", "commands.md")) as f:
        text = f.read()
    lines = text.split("```sh\n")[1].split("```")[0]
    script = lines[lines.index("args="):].replace("esp-001", "dev1") \
        .replace("command.key", key)
    signed = run(["bash", "-c", script])
    for sent, status, code in (
            (signed, "succeeded", None),
            (signed, "duplicate", "duplicate"),
            (signed.replace(":60}", ":61}"), "rejected", "bad_signature"),
            (signed.split(',"sig"')[0] + "}", "rejected", "not_signed")):
        broker.publish(CONTROL, sent)
        reply = witness.next_json("reply", id=json.loads(signed)["id"])
        equal((reply["status"], reply.get("code")), (status, code))
    broker.publish(CONTROL, '{"command":"ping","id":"p"}')
    equal(witness.next_json("reply", id="p")["status"], "succeeded")
