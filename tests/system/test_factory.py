# SPDX-License-Identifier: Apache-2.0
"""tools/firmware-flash: the same hawser.ini for chips."""
import os

from harness.process import check, equal, run
from harness.registry import test
from harness.world import SOURCE

TOOL = os.path.join(SOURCE, "tools", "firmware-flash")


def ini(world, change=""):
    world.write("ca", "CA\n")
    world.write("password", "secret\n", 0o600)
    world.write("wifi", "home\tpassphrase one\noffice\tpassphrase two\n", 0o600)
    return world.write("hawser.ini", "[device]\nid = dev1\n[broker]\n"
                       "url = mqtts://a.example mqtts://[2001:db8::1]:8884\n"
                       "ca_file = ca\nusername = dev1\npassword_file = password"
                       "\n[time]\nservers = t.example:1123\n" + change)


@test
def test_factory_table_for_nvs(world):
    out = world.path("nvs.csv")
    run([TOOL, "--nvs", ini(world, "[network]\nwifi_file = wifi\n"), out])
    equal(os.stat(out).st_mode & 0o777, 0o600, "mode")
    with open(out) as f:
        rows = [line.strip().split(",") for line in f]
    equal(rows[:2], [["key", "type", "encoding", "value"],
                     ["hawser", "namespace", "", ""]])
    values = {r[0]: bytes.fromhex(r[3]).decode() for r in rows[2:]}
    equal(values["broker"], "a.example 8883")
    equal(values["broker.1"], "2001:db8::1 8884")
    equal(values["time_server"], "t.example 1123")
    equal(values["password"], "secret")
    equal(values["wifi.1"], "office\npassphrase two")
    check(all(len(k) <= 15 for k in values), f"{list(values)}")


@test
def test_factory_refuses_what_it_cannot_mean(world):
    for change, words in (
            ("[network]\nwifi_file = absent\n", "No such file"),
            ("[sensors]\nt = simulated\n", "no meaning there"),
            ("[telemetry]\ninterval_s = 0\n", "from 1 to 86400"),
            ("[telemetry]\nqos = 2\n", "from 0 to 1"),
            ("[network]\ninterface = eth0\n", "not known on this machine"),
            ("[topics]\nlayout = deep\n", "device, flat")):
        said = run([TOOL, "--nvs", ini(world, change), world.path("out")],
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
