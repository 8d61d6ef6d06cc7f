# SPDX-License-Identifier: Apache-2.0
"""The operator's watch, and the agent under valgrind and under a manager."""
import json
import os
import shutil
import socket

from harness import (DEADLINE_S, HAWSER, Lines, Skip, expect)


def test_watch_shows_devices_as_json_and_as_table(world):
    broker, _, agent = world.online()
    watch = world.start([HAWSER, "watch", "--config", broker.operator(),
                         "--json"])
    lines = Lines(watch, lambda line: line)
    lines.wait(lambda line: "esp-001" in line and "online" in line,
               "the device in watch --json")
    number, line = lines.wait(lambda line: "temperature" in line, "telemetry")
    expect(isinstance(json.loads(line), dict), line)
    table = world.start([HAWSER, "watch", "--config", broker.operator()])
    lines = Lines(table, lambda line: line)
    lines.wait(lambda line: "esp-001" in line and "TLSv1.3" in line,
               "the device in the table")


def test_service_manager_is_told(world):
    path = str(world.folder / "notify")
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    listener.bind(path)
    listener.settimeout(DEADLINE_S)
    try:
        from harness import Broker
        broker = Broker(world)
        agent = world.agent(broker, environment={
            "NOTIFY_SOCKET": path, "WATCHDOG_USEC": "1000000"})
        heard = ""
        while "READY=1" not in heard or "WATCHDOG=1" not in heard:
            heard += listener.recv(4096).decode() + "\n"
        expect(agent.stop() == 0, "stops")
        while "STOPPING=1" not in heard:
            heard += listener.recv(4096).decode() + "\n"
    finally:
        listener.close()


def test_story_under_valgrind(world):
    if shutil.which("valgrind") is None:
        raise Skip("valgrind is not installed")
    plain = os.environ.get("HAWSER_PLAIN", HAWSER)
    with open(plain, "rb") as file:
        if b"__asan_init" in file.read():
            raise Skip("an instrumented binary does not run under valgrind")
    import harness
    from harness import Broker, Witness
    broker = Broker(world)
    witness = Witness(world, broker)
    config = world.configure(broker, telemetry={"interval_s": 1})
    log = world.folder / "valgrind"
    process = world.start(
        ["valgrind", "--quiet", "--error-exitcode=99", "--leak-check=full",
         "--errors-for-leak-kinds=definite,indirect,possible",
         "--track-fds=no", f"--log-file={log}", plain, "agent", "--config",
         str(config), "--log", "json"])
    lines = Lines(process, harness.Agent._parse)

    def event(name):
        return lambda entry: entry.get("event") == name

    lines.wait(event("online"), "online", deadline_s=5 * DEADLINE_S)
    lines.wait(event("published"), "published", deadline_s=5 * DEADLINE_S)
    broker.publish("hawser/esp-001/control", b'{"command":"ping","id":"v"}')
    witness.expect("/reply", id="v", deadline_s=5 * DEADLINE_S)
    broker.kill()
    lines.wait(event("retry"), "retry", deadline_s=5 * DEADLINE_S)
    number = len(lines.items)
    broker.start()
    lines.wait(event("online"), "online again", number, 5 * DEADLINE_S)
    process.terminate()
    code = process.wait(5 * DEADLINE_S)
    expect(code == 0, f"exit {code}:\n{log.read_text()}")
