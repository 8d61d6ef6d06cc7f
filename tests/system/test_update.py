# SPDX-License-Identifier: Apache-2.0
"""Certificates that are changed over the line: against a real Mosquitto, with
OpenSSL on both ends, while telemetry flows."""
import base64
import json
import os

from harness.process import check, equal, run
from harness.registry import long_test, test
from harness.updater import Authority, Updater, der_of, restart

LEAF = ("basicConstraints=critical,CA:FALSE\nkeyUsage=critical,"
        "digitalSignature\nextendedKeyUsage=clientAuth\n")
FLEET = int(os.environ.get("UPDATE_FLEET", "20"))
ROTATIONS = int(os.environ.get("UPDATE_ROTATIONS", "3"))


def check_telemetry(witness, device):
    """Every reading of each boot has arrived; how many."""
    witness.next_json("data", device=device)
    boots = {}
    for data in (m.json for m in witness.all("data")):
        if data["device"] == device:
            boots.setdefault(data["boot"], set()).add(data["seq"])
    for boot, seqs in boots.items():
        missing = set(range(min(seqs), max(seqs) + 1)) - seqs
        equal(sorted(missing), [], f"missing of {device} in boot {boot}")
    return sum(len(seqs) for seqs in boots.values())


class Scene:
    """A broker of the first of some authorities, its witness, which trusts
    all of them, and a device, which trusts the first."""

    def __init__(self, world, count, is_mutual=False):
        """is_mutual: everybody logs in by a certificate."""
        self.all = [Authority(world.hawser, world.fresh("pki"), f"CA {i}")
                    for i in range(count)]
        keys = self.log_in(world) if is_mutual else {}
        self.broker = world.broker(*["--client-certs"] * is_mutual,
                                   pki=self.all[0].folder)
        if is_mutual:
            self.broker.client = self.client_of(self.broker.client)
        own_ca = world.write("own-ca.crt", open(self.all[0].ca).read())
        with open(self.broker.path("devices", "ca.crt"), "w") as f:
            f.write("".join(open(a.ca).read() for a in self.all))
        self.witness = world.witness(self.broker, "hawser/dev1/#")
        self.updater = Updater(world, self.broker, self.witness)
        self.agent = world.agent(self.broker, {"broker": {
            "ca_file": own_ca, "update_keys_file": self.updater.public,
            **keys}, "retry": {"speed": 1000}})
        self.agent.start_online()

    def log_in(self, world):
        """Certificates for all; the device's keys of its configuration."""
        own = self.all[0].path("device", "dev1")
        for id in ("operator", "dev1"):
            world.hawser_run("pki", "device", self.all[0].folder, id)
        return {"username": None, "password_file": None,
                "cert_file": own + ".crt", "key_file": own + ".key"}

    def client_of(self, client):
        own = self.all[0].path("device", "operator")
        return lambda tool, user="operator": client(tool) + [
            "--cert", own + ".crt", "--key", own + ".key"]

    def move(self, authority):
        """The broker shows a certificate by this CA, and the device meets it.
        """
        authority.serve(self.broker)
        restart(self.agent)
        self.agent.event("online")

    def check_telemetry(self):
        return check_telemetry(self.witness, "dev1")


@test
def test_update_rolls_the_ca_again_and_again(world):
    scene = Scene(world, ROTATIONS + 1)
    for old, new in zip(scene.all, scene.all[1:]):
        # One way and the other: in one piece, in parts.
        part = 200 if new is scene.all[1] else None
        scene.updater.committed(
            scene.updater.file("ca", "add", new.der(), part))
        scene.move(new)
        scene.updater.committed(scene.updater.remove(old.der()))
    print(f"{ROTATIONS} rotations, {scene.check_telemetry()} readings")
    # A new process finds what stands on flash.
    scene.agent.stop()
    scene.agent.start_online()
    scene.witness.next("security", lambda m: m.json["credentials"] == {
        "in_use": "active", "generation": scene.updater.generation})


@test
def test_update_that_would_lock_out_is_refused(world):
    scene = Scene(world, 2)
    data = scene.all[1].der()
    updater = scene.updater
    updater.refused(updater.file("ca", "replace", data), "would_disconnect")
    updater.refused(updater.file("ca", "add", data[:-1]), "bad_file")
    updater.refused(updater.remove(scene.all[0].der()), "last_anchor")
    leaf = der_of(scene.all[1].path("server", "localhost.crt"))
    updater.refused(updater.file("ca", "add", leaf), "not_a_ca")
    with open(scene.all[1].path("ca", "ca.key"), "rb") as f:
        updater.refused(updater.file("ca", "add", f.read()), "private_key")
    updater.key = Updater(world, scene.broker, scene.witness).key
    updater.refused(updater.file("ca", "add", data), "bad_signature")
    equal(len(scene.agent.events("offline")), 0, "lost connections")


@test
def test_update_waits_for_a_switch_that_was_announced(world):
    scene = Scene(world, 2)
    id = scene.updater.file("ca", "replace", scene.all[1].der(),
                            expect_switch=True)
    equal(scene.updater.answer(id, "running")["result"]["stage"], "switch")
    scene.move(scene.all[1])
    scene.updater.committed(id)
    scene.check_telemetry()


def install_identity(world, scene, updater, authority):
    """The device makes a key, the authority certifies it; the id of the
    request that installs the certificate."""
    answer = updater.answer(
        updater.request(kind="identity", op="request"), "succeeded")
    request = world.write("dev1.csr.der",
                          base64.b64decode(answer["result"]["csr"]))
    run(["openssl", "req", "-verify", "-inform", "DER", "-in", request, "-out",
         request + ".pem"])
    authority.sign(request + ".pem", request + ".crt",
                   world.write("leaf.ext", LEAF))
    return updater.file("identity", "install", der_of(request + ".crt"))


@test
def test_update_renews_the_identity(world):
    scene = Scene(world, 2, is_mutual=True)
    id = install_identity(world, scene, scene.updater, scene.all[0])
    scene.updater.committed(id)
    # The one of the configuration had a year.
    scene.witness.next("security",
                       lambda m: 298 <= m.json["own"]["days_left"] <= 300)
    # One by a CA that the broker does not know is not for long.
    scene.agent.skip()
    id = install_identity(world, scene, scene.updater, scene.all[1])
    answer = scene.updater.answer(id, "failed")
    equal(answer["code"], "rolled_back")
    equal(answer["result"]["cause"], "tls_client_cert")
    scene.check_telemetry()


@test
def test_update_tells_how_things_stand(world):
    scene = Scene(world, 1)
    scene.broker.publish("hawser/dev1/control", json.dumps(
        {"command": "update_cert", "id": "q",
         "args": {"kind": "all", "op": "status"}}))
    result = scene.witness.next_json("reply", id="q")["result"]
    equal((result["in_use"], result["generation"], len(result["anchors"])),
          ("active", 0, 1))
    fingerprint = run(["openssl", "x509", "-in", scene.all[0].ca, "-noout",
                       "-fingerprint", "-sha256"])
    equal(result["anchors"][0]["fingerprint"],
          fingerprint.strip().split("=")[1].replace(":", "").lower())


class Fleet:
    """Many devices of one broker, one operator."""

    def __init__(self, world, authorities):
        self.all = authorities
        ids = [f"d{i}" for i in range(FLEET)]
        self.broker = world.broker(pki=self.all[0].folder, devices=ids)
        own_ca = world.write("own-ca.crt", open(self.all[0].ca).read())
        with open(self.broker.path("devices", "ca.crt"), "w") as f:
            f.write("".join(open(a.ca).read() for a in self.all))
        self.witness = world.witness(self.broker, "hawser/#")
        self.updaters, self.agents = [], []
        for id in ids:
            first = self.updaters[0].key if self.updaters else None
            self.updaters.append(
                Updater(world, self.broker, self.witness, id, first))
            self.agents.append(world.agent(self.broker, {"broker": {
                "ca_file": own_ca, "username": id,
                "update_keys_file": self.updaters[0].public}}, id=id))
            self.agents[-1].start()
        self.wait_online()

    def wait_online(self):
        for agent in self.agents:
            agent.event("online", 60)

    def roll_out(self, send):
        """To one device, then to a tenth, then to all; a failure ends it."""
        for stage in (self.updaters[:1], self.updaters[1:max(2, FLEET // 10)],
                      self.updaters[max(2, FLEET // 10):]):
            for updater, id in [(u, send(u)) for u in stage]:
                updater.committed(id)


@long_test
def test_update_rolls_the_ca_of_a_fleet(world):
    """Add, move, remove, while telemetry flows; then a wrong CA is pushed."""
    old, new, wrong = [Authority(world.hawser, world.fresh("pki"), name)
                       for name in ("Old", "New", "Wrong")]
    fleet = Fleet(world, [old, new, wrong])
    fleet.roll_out(lambda u: u.file("ca", "add", new.der()))
    new.serve(fleet.broker)
    for agent in fleet.agents:
        restart(agent)
    fleet.wait_online()
    fleet.roll_out(lambda u: u.remove(old.der()))
    readings = [check_telemetry(fleet.witness, u.device)
                for u in fleet.updaters]
    # The broker will never show it, and the devices do not wait for ever.
    sent = [(u, u.file("ca", "replace", wrong.der(), expect_switch=True,
                       trial_s=60)) for u in fleet.updaters]
    for updater, id in sent:
        answer = updater.answer(id, "failed", 90)
        equal((answer["code"], answer["result"]["outcome"],
               answer["result"]["generation"]),
              ("rolled_back", "overdue", 2))
        updater.refused(updater.file("ca", "replace", wrong.der()),
                        "would_disconnect")
    readings = [check_telemetry(fleet.witness, u.device)
                for u in fleet.updaters]
    print(f"{FLEET} devices, {sum(readings)} readings")
