# SPDX-License-Identifier: Apache-2.0
"""Mistakes in the configuration: named by file, line and key; exit 3."""
import os

from harness import HAWSER, Broker, expect, hawser


def check(world, broker, **sections):
    config = world.configure(broker, **sections)
    return hawser("agent", "--config", config, "--check"), config


def test_good_configuration_passes(world):
    done, _ = check(world, Broker(world))
    expect(done.returncode == 0, f"{done}")


def test_unknown_key_is_named(world):
    done, config = check(world, Broker(world), telemetry={"flavour": "sweet"})
    words = done.stdout + done.stderr
    expect(done.returncode == 3, f"{done}")
    expect("flavour" in words and config.name in words, words)


def test_plain_mqtt_is_refused(world):
    broker = Broker(world)
    done, _ = check(world, broker, broker={"url": "mqtt://localhost:1883"})
    expect(done.returncode == 3 and "mqtts" in done.stdout + done.stderr,
           f"{done}")


def test_password_that_others_can_read_is_refused(world):
    broker = Broker(world)
    password = broker.add_device("esp-001")
    password.chmod(0o644)
    done, _ = check(world, broker)
    expect(done.returncode == 3 and "chmod" in done.stdout + done.stderr,
           f"{done}")


def test_missing_and_empty_ca_are_refused(world):
    broker = Broker(world)
    empty = world.folder / "empty.pem"
    empty.write_text("")
    for path in (empty, world.folder / "absent.pem"):
        done, _ = check(world, broker, broker={"ca_file": path})
        expect(done.returncode == 3 and path.name in done.stdout + done.stderr,
               f"{done}")


def test_no_secret_reaches_log_argv_or_environment(world):
    broker, _, agent = world.online()
    secret = (broker.folder / "devices" / "esp-001.password").read_text().strip()
    expect(len(secret) >= 16, "a real secret")
    expect(secret not in agent.output(), "in the log")
    for name in ("cmdline", "environ"):
        with open(f"/proc/{agent.process.pid}/{name}", "rb") as file:
            expect(secret.encode() not in file.read(), f"in {name}")


def test_help_and_version(world):
    expect(hawser("--version").stdout.startswith("hawser "), "--version")
    for command in ("agent", "pki", "broker", "send", "watch"):
        done = hawser("help", command)
        expect(done.returncode == 0 and command in done.stdout, f"{done}")
    done = hawser("agnet")
    expect(done.returncode == 2 and "agent" in done.stderr, f"{done}")
    expect(os.path.exists(HAWSER), HAWSER)
