# SPDX-License-Identifier: Apache-2.0
"""Commands that run programs: what they get, what is answered, and that each
takes effect once whatever becomes of the agent."""
import json
import os
import random
import signal
import time

from harness.process import Failure, check, equal
from harness.registry import test

CONTROL = "hawser/dev1/control"


def send(broker, command, id, **args):
    broker.publish(CONTROL, json.dumps(
        {"command": command, "id": id, "args": args}))


def final(witness, id):
    """The answer; progress on the way is passed over."""
    while True:
        reply = witness.next_json("reply", id=id)
        if reply["status"] not in ("accepted", "running"):
            return reply


def has_ended(pid):
    """Or will, as soon as its parent looks."""
    try:
        with open(f"/proc/{pid}/stat") as f:
            return f.read().rsplit(")", 1)[1].split()[0] in "ZX"
    except OSError:
        return True


def wait_ended(pid, seconds=5):
    end = time.monotonic() + seconds
    while not has_ended(pid):
        check(time.monotonic() < end, f"process {pid} still runs")
        time.sleep(0.01)


@test
def test_program_gets_arguments_and_its_output_is_answered(world):
    broker = world.broker()
    gate = world.write("gate", '#!/bin/sh\necho "$HAWSER_COMMAND $1 '
                       '$HAWSER_ARG_level $HAWSER_ARG_why"; env >&2\n', 0o755)
    world.agent(broker, {"command gate": {
        "run": f"{gate} --slowly",
        "args": "level:integer:0..100 why?:text:40"}}).start_online()
    witness = world.witness(broker, "hawser/dev1/reply")
    send(broker, "gate", "g1", level=7, why="a; $(reboot) é")
    equal(witness.next_json("reply", id="g1")["status"], "accepted")
    reply = final(witness, "g1")
    equal((reply["status"], reply["result"]),
          ("succeeded", {"exit": 0, "output":
                         "gate --slowly 7 a; $(reboot) é"}))
    send(broker, "gate", "g2", level=101)
    reply = final(witness, "g2")
    equal((reply["status"], reply["code"], reply["message"]),
          ("rejected", "bad_args", "level: a whole number of 0..100"))
    send(broker, "gate", "g1", level=8)
    reply = final(witness, "g1")
    equal((reply["status"], reply["answer"]["status"]),
          ("duplicate", "succeeded"))


@test
def test_program_that_fails_hangs_or_talks_is_told(world):
    broker = world.broker()
    child = world.path("child")
    world.agent(broker, {
        "command bad": {"run": world.write(
            "bad", "#!/bin/sh\necho jammed\nexit 3\n", 0o755)},
        "command hang": {"run": world.write(
            "hang", f"#!/bin/sh\nsleep 99 &\necho $! >{child}\nwait\n",
            0o755), "timeout_s": 1},
        "command talk": {"run": world.write(
            "talk", "#!/bin/sh\nhead -c 1000000 /dev/zero | tr '\\0' x\n",
            0o755)},
        "command none": {"run": "/nonexistent/program"},
        "command die": {"run": world.write(
            "die", "#!/bin/sh\nkill -9 $$\n", 0o755)},
    }).start_online()
    witness = world.witness(broker, "hawser/dev1/reply")

    def outcome(command):
        send(broker, command, command)
        return final(witness, command)

    reply = outcome("bad")
    equal((reply["status"], reply["code"], reply["result"]),
          ("failed", "exit_status", {"exit": 3, "output": "jammed"}))
    reply = outcome("talk")
    equal((reply["status"], reply["result"]["output"]),
          ("succeeded", "x" * 160))
    equal(outcome("none")["code"], "not_started")
    equal(outcome("die")["code"], "killed")
    equal(outcome("hang")["code"], "timeout")
    with open(child) as f:
        wait_ended(int(f.read()))


def start_slow(world, broker):
    """A program that sleeps, under way: the agent, a witness, its process."""
    pid_file = world.path("pid")
    slow = world.write("slow", f"#!/bin/sh\necho $$ >{pid_file}.new\n"
                       f"mv {pid_file}.new {pid_file}\nexec sleep 99\n", 0o755)
    agent = world.agent(broker, {"command slow": {"run": slow}})
    agent.start_online()
    witness = world.witness(broker, "hawser/dev1/reply")
    send(broker, "slow", "s")
    end = time.monotonic() + 20
    while not os.path.exists(pid_file):
        check(time.monotonic() < end, "the program did not start")
        time.sleep(0.01)
    with open(pid_file) as f:
        return agent, witness, int(f.read())


@test
def test_program_is_stopped_with_the_agent(world):
    broker = world.broker()
    agent, witness, pid = start_slow(world, broker)
    agent.stop()
    wait_ended(pid)
    agent.start_online()
    reply = final(witness, "s")
    equal((reply["status"], reply["code"]), ("failed", "interrupted"))


@test
def test_program_is_stopped_by_another_configuration(world):
    broker = world.broker()
    agent, witness, pid = start_slow(world, broker)
    agent.reload({"telemetry": {"interval_s": 2}})
    wait_ended(pid)
    reply = final(witness, "s")
    equal((reply["status"], reply["code"]), ("failed", "interrupted"))
    send(broker, "slow", "s")
    equal(final(witness, "s")["answer"]["code"], "interrupted")


COMMANDS = 25


@test
def test_commands_under_kills_take_effect_once(world):
    """The sender repeats each id until it is answered; the agent is killed and
    the broker taken away at random. Each program writes down that it ran."""
    broker = world.broker()
    done = world.path("done")
    note = world.write("note", f"#!/bin/sh\necho $HAWSER_ARG_n >>{done}\n",
                       0o755)
    agent = world.agent(broker, {"command note": {
        "run": note, "args": "n:integer:0..100000"}})
    agent.start_online()
    witness = world.witness(broker, "hawser/dev1/reply")
    chance = random.Random(20261123)
    outcomes = {}
    kills = 0
    for n in range(COMMANDS):
        for _ in range(60):
            send(broker, "note", f"n{n}", n=n)
            if chance.random() < 0.3:
                time.sleep(chance.random() * 0.05)
                agent.kill()
                agent.start()
                kills += 1
            elif chance.random() < 0.1:
                agent.signal(signal.SIGSTOP)
                send(broker, "note", f"n{n}", n=n)
                agent.signal(signal.SIGCONT)
            try:
                reply = witness.next(
                    "reply", lambda m: m.json.get("id") == f"n{n}" and
                    m.json["status"] not in ("accepted", "running"), 1).json
            except Failure:
                continue
            if reply["status"] == "duplicate":
                reply = reply.get("answer", {})
            if reply.get("status") in ("succeeded", "failed"):
                outcomes[n] = reply
                break
        check(n in outcomes, f"command {n} was never answered")
    with open(done) as f:
        ran = [int(line) for line in f]
    print(f"{COMMANDS} commands, {kills} kills, "
          f"{sum(r['status'] == 'succeeded' for r in outcomes.values())} "
          "succeeded")
    check(kills > 5, f"only {kills} kills")
    for n, reply in outcomes.items():
        times = ran.count(n)
        if reply["status"] == "succeeded":
            equal(times, 1, f"command {n}")
        else:
            equal(reply["code"], "interrupted")
            check(times <= 1, f"command {n} ran {times} times")
