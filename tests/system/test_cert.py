# SPDX-License-Identifier: Apache-2.0
"""`hawser cert` and `hawser send --key`: what an operator changes on devices,
in stages, by signed requests."""
import os
import shutil

from harness.process import check, equal, run
from harness.registry import test
from harness.updater import Authority, Updater


def cert(world, broker, *words, wanted=0):
    return world.hawser_run("cert", words[0], "--config", broker.operator_ini,
                            *words[1:], wanted=wanted, seconds=150)


class Fleet:
    """Devices of one broker that take changes signed by one key."""

    def __init__(self, world, ids):
        self.world = world
        self.authority = Authority(world.hawser, world.fresh("pki"), "CA")
        self.broker = world.broker(devices=ids, pki=self.authority.folder)
        self.witness = world.witness(self.broker)
        self.updater = Updater(world, self.broker, self.witness)
        own_ca = world.write("own-ca.crt", open(self.authority.ca).read())
        self.agents = {id: world.agent(self.broker, {"broker": {
            "ca_file": own_ca, "update_keys_file": self.updater.public},
            "retry": {"speed": 1000}}, id=id) for id in ids}


@test
def test_cert_push_goes_in_stages_and_goes_on(world):
    ids = ["dev1", "dev2", "dev3", "dev4"]
    fleet = Fleet(world, ids)
    for id in ids[:3]:
        fleet.agents[id].start_online()
    new = Authority(world.hawser, world.fresh("pki"), "New CA")
    names = world.write("devices", "dev3  # the far one\n\ndev4\n")
    words = ["push", "--key", fleet.updater.key, "--add", new.ca, "--resume",
             world.path("resume"), "--timeout", "8", "--devices", names,
             "dev1", "dev2"]
    # The last one is away: the others have it, and what is done is kept.
    said = cert(world, fleet.broker, *words, wanted=4)
    equal(said.count("committed"), 3, said)
    check("stage 1 of 3: 1 device\n" in said and
          "stopped at dev4; 3 of 4 done" in said, said)
    equal(os.stat(world.path("resume")).st_mode & 0o777, 0o600, "mode")
    # It is back: only it is asked.
    fleet.agents["dev4"].start_online()
    said = cert(world, fleet.broker, *words)
    equal((said.count("done before"), said.count("committed")), (3, 1), said)
    # Another change under the same name is none of that.
    said = cert(world, fleet.broker, "push", "--key", fleet.updater.key,
                "--remove", new.ca, "--resume", world.path("resume"), "dev1",
                wanted=3)
    check("belongs to another change" in said, said)
    # Who has it already is no failure.
    said = cert(world, fleet.broker, "push", "--key", fleet.updater.key,
                "--add", new.ca, "dev1")
    check("unchanged" in said, said)
    said = cert(world, fleet.broker, "status", "dev1", "dev2")
    rows = [line.split() for line in said.splitlines()[1:]]
    equal([(r[0], r[1], r[3], r[5]) for r in rows],
          [("dev1", "active", "-", "2"), ("dev2", "active", "-", "2")])


@test
def test_cert_push_stops_where_a_device_refuses(world):
    fleet = Fleet(world, ["dev1", "dev2"])
    for agent in fleet.agents.values():
        agent.start_online()
    stranger = Authority(world.hawser, world.fresh("pki"), "Wrong CA")
    said = cert(world, fleet.broker, "push", "--key", fleet.updater.key,
                "--replace", stranger.ca, "dev1", "dev2", wanted=1)
    check("dev1: rejected, would_disconnect" in said and
          "stopped at dev1; 0 of 2 done" in said, said)
    equal(fleet.agents["dev2"].events("offline"), [], "lines lost")
    # Signed by somebody else, or by a key that others may read.
    other = Updater(world, fleet.broker, fleet.witness)
    said = cert(world, fleet.broker, "push", "--key", other.key, "--add",
                stranger.ca, "dev1", wanted=1)
    check("bad_signature" in said, said)
    os.chmod(other.key, 0o644)
    said = cert(world, fleet.broker, "push", "--key", other.key, "--add",
                stranger.ca, "dev1", wanted=3)
    check("chmod" in said or "others" in said, said)


@test
def test_cert_rotate_gives_new_keys(world):
    """Devices log in by certificates; each gets a new key and certificate."""
    ids = ["dev1", "dev2"]
    pki = Authority(world.hawser, world.fresh("pki"), "CA")
    own = {}
    for id in [*ids, "operator"]:
        world.hawser_run("pki", "device", pki.folder, id)
        for kind in ("crt", "key"):
            own[id, kind] = shutil.copy(pki.path("device", f"{id}.{kind}"),
                                        world.fresh(f"{id}-{kind}-"))
            os.chmod(own[id, kind], 0o600)
    for id in ids:  # the devices keep their keys themselves
        os.unlink(pki.path("device", f"{id}.key"))
    broker = world.broker("--client-certs", pki=pki.folder)
    base = broker.client
    broker.client = lambda tool, user="operator": base(tool) + [
        "--cert", own["operator", "crt"], "--key", own["operator", "key"]]
    with open(broker.operator_ini) as f:
        ini = f.read()
    check("cert_file" in ini, ini)
    for kind in ("crt", "key"):
        shutil.copy(own["operator", kind],
                    broker.path("operator." + kind))
        os.chmod(broker.path("operator." + kind), 0o600)
    witness = world.witness(broker)
    updater = Updater(world, broker, witness)
    for id in ids:
        world.agent(broker, {"broker": {
            "update_keys_file": updater.public, "username": None,
            "password_file": None, "cert_file": own[id, "crt"],
            "key_file": own[id, "key"]}, "retry": {"speed": 1000}},
            id=id).start_online()
    with open(pki.path("device", "dev1.crt")) as f:
        before = f.read()
    said = cert(world, broker, "rotate", "--key", updater.key, "--pki",
                pki.folder, *ids)
    equal(said.count("committed"), 2, said)
    with open(pki.path("device", "dev1.crt")) as f:
        check(f.read() != before, "the certificate is the old one")
    said = cert(world, broker, "status", *ids)
    rows = [line.split() for line in said.splitlines()[1:]]
    check(all(r[1] == "active" and r[3].startswith("20") for r in rows), said)
    # The old certificates are no longer needed.
    for id in ids:
        world.hawser_run("pki", "revoke", pki.folder, id, "--replaced")


@test
def test_send_signs_commands(world):
    broker = world.broker()
    witness = world.witness(broker)
    signer = Updater(world, broker, witness)
    world.agent(broker, {"device": {
        "command_key_file": signer.public}}).start_online()

    def send(*words, wanted=0):
        return world.hawser_run("send", "--config", broker.operator_ini,
                                *words, wanted=wanted)

    check("not_signed" in send("dev1", "set_interval", "interval_s=7",
                               wanted=1), "unsigned")
    said = send("--key", signer.key, "dev1", "set_interval", "interval_s=7")
    check("succeeded" in said, said)
    said = send("--key", signer.key, "dev1", "set_interval", "interval_s=8",
                "if_boot=1")
    check("succeeded" in said, said)
    other = Updater(world, broker, witness)
    check("bad_signature" in send("--key", other.key, "dev1", "set_interval",
                                  "interval_s=9", wanted=1), "a stranger's")
    check("succeeded" in send("--key", other.key, "dev1", "ping"), "ping")
    rsa = world.path("rsa.key")
    run(["openssl", "genrsa", "-out", rsa, "2048"])
    check("P-256" in send("--key", rsa, "dev1", "ping", wanted=3), "RSA")
    check("No such file" in send("--key", rsa + "x", "dev1", "ping", wanted=3),
          "no file")
