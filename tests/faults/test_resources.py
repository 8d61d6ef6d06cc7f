# SPDX-License-Identifier: Apache-2.0
"""Little of everything: file descriptors, room on the disk, state files as they
were. The agent says clearly why it ends, or it gets online and obeys."""
import os
import random

from harness.broker import Message
from harness.process import Failure, check, equal
from harness.registry import test
from harness.tools import needs_root


def told_or_borne(world, agent, broker, what):
    """True: it got online and obeyed. False: it ended and said why, or it goes
    on trying and says what is in its way."""
    open(agent.error_path, "w").close()
    agent.start()
    stream = agent.process.stream
    try:
        stream.next("fate", lambda e: e["event"] == "online" or
                    len(agent.events("retry")) >= 3, 20, "fate")
    except Failure:
        check(stream.is_over, f"{what}: neither; {stream.tail()}")
        code, said = agent.process.wait(5), agent.process.errors().strip()
        check(code in (1, 2, 3) and said, f"{what}: exit {code}, said {said!r}")
        check("Sanitizer" not in said, said)
        return False
    is_online = bool(agent.events("online"))
    if is_online:
        broker.publish("hawser/dev1/control", '{"command":"ping","id":"p"}')
        agent.event("command", command="ping")
    agent.stop()
    return is_online


@test
def test_few_file_descriptors_are_told_or_borne(world):
    broker = world.broker()
    agent = world.agent(broker, {"sensors": {"load": "exec:/bin/echo 3"}})
    fates = []
    for limit in range(4, 40, 2):
        agent.wrap = ["prlimit", f"--nofile={limit}", "--"]
        fates.append(told_or_borne(world, agent, broker, f"{limit} files"))
    check(fates[-1], "it needs more than 38 files")
    check(not fates[0], "it needs no file at all")
    print(f"online with {4 + 2 * fates.index(True)} files")


def mounted(path, options):
    """What stands before a command that sees a file system of its own there."""
    return ["unshare", "--mount", "sh", "-c",
            f'mount -t tmpfs {options} tmpfs "$0" && exec "$@"', path]


@test
def test_full_disk_is_told_or_borne(world):
    """The state folder on a file system with room for this much only."""
    needs_root("a file system of its own")
    broker = world.broker()
    agent = world.agent(broker)
    state = agent.settings["device"]["state_dir"]
    os.makedirs(state, mode=0o700)
    fates = {}
    for kib in (4, 16, 64, 256, 1024, 4096):
        agent.wrap = mounted(state, f"-o size={kib}k,mode=0700")
        fates[kib] = told_or_borne(world, agent, broker, f"{kib} KiB")
    check(fates[4096], "4 MiB are not enough")
    print(f"online with {next(k for k, ok in fates.items() if ok)} KiB")


@test
def test_read_only_state_is_told_or_borne(world):
    needs_root("a folder that turns read-only")
    broker = world.broker()
    agent = world.agent(broker)
    check(told_or_borne(world, agent, broker, "as usual"), "not even so")
    state = agent.settings["device"]["state_dir"]
    agent.wrap = ["unshare", "--mount", "sh", "-c",
                  'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && '
                  'exec "$@"', state]
    is_online = told_or_borne(world, agent, broker, "read-only")
    said = agent.process.errors()
    check(is_online or "read-only" in said.lower() or state in said,
          f"it does not name the folder: {said!r}")
    agent.wrap = []
    check(told_or_borne(world, agent, broker, "writable again"), "afterwards")


def damage(path, chance):
    """Cuts the file, or changes a byte in its beginning, where records are."""
    size = os.path.getsize(path)
    if chance.random() < 0.3:
        os.truncate(path, chance.randrange(size))
        return "cut"
    with open(path, "r+b") as f:
        at = chance.randrange(min(size, 1024))
        f.seek(at)
        byte = f.read(1)[0]
        f.seek(at)
        f.write(bytes([byte ^ (1 << chance.randrange(8))]))
    return f"byte {at}"


@test
def test_damaged_state_files_are_told_or_borne(world):
    """Whatever happened to its files: the next start says so or goes on, and
    nothing but telemetry that was measured is ever published."""
    broker = world.broker()
    witness = world.witness(broker)
    agent = world.agent(broker)
    check(told_or_borne(world, agent, broker, "as usual"), "not even so")
    state = agent.settings["device"]["state_dir"]
    chance = random.Random(4)
    names = sorted(n for n in os.listdir(state) if n.endswith(".flash"))
    refused = 0
    for i in range(12):
        name = names[i % len(names)]
        path = os.path.join(state, name)
        with open(path, "rb") as f:
            before = f.read()
        what = f"{name}: {damage(path, chance)}"
        if not told_or_borne(world, agent, broker, what):
            refused += 1
            check(name in agent.process.errors(), f"{what} is not named: "
                  f"{agent.process.errors()!r}")
            with open(path, "wb") as f:
                f.write(before)
    equal([m for m in witness.process.stream.items if isinstance(m, Message)
           and m.topic.endswith("/data") and "seq" not in m.json], [],
          "messages that nobody measured")
    print(f"12 damages: {refused} refused by name, {12 - refused} borne")
