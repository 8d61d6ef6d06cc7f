# SPDX-License-Identifier: Apache-2.0
"""tools/firmware-flash: the same hawser.ini for the RV32 machine. `hawser factory`,
for an ESP32, has cli/factory_test.c."""
import os

from harness.process import check, equal, run
from harness.registry import test
from harness.world import SOURCE

TOOL = os.path.join(SOURCE, "tools", "firmware-flash")


def ini(world, change=""):
    world.write("ca", "CA\n")
    world.write("password", "secret\n", 0o600)
    return world.write("hawser.ini", "[device]\nid = dev1\n[broker]\n"
                       "url = mqtts://a.example mqtts://[2001:db8::1]:8884\n"
                       "ca_file = ca\nusername = dev1\npassword_file = password"
                       "\n[time]\nservers = t.example:1123\n" + change)


@test
def test_factory_refuses_what_it_cannot_mean(world):
    for change, words in (
            ("[network]\nwifi_file = wifi\n", "not known on this machine"),
            ("[telemetry]\ninterval_s = 0\n", "from 1 to 86400"),
            ("[telemetry]\nqos = 2\n", "from 0 to 1"),
            ("[network]\ninterface = eth0\n", "not known on this machine"),
            ("[topics]\nlayout = deep\n", "device, flat")):
        said = run([TOOL, ini(world, change), world.path("flash")],
                   wanted=1)
        check(words in said, f"{change}: {said}")
    path = ini(world)
    with open(path) as f:
        text = f.read()
    said = run([TOOL, world.write("plain.ini", text.replace("mqtts", "mqtt")),
                world.path("flash")], wanted=1)
    check("no connection without TLS" in said, said)
    os.chmod(world.path("password"), 0o644)
    said = run([TOOL, path, world.path("flash")], wanted=1)
    check("chmod 600" in said, said)
    check(not os.path.exists(world.path("flash")), "a file was left")
    run([TOOL], wanted=2)
