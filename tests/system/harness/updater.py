# SPDX-License-Identifier: Apache-2.0
"""An operator who signs update_cert by openssl, as docs/update-cert.md has it,
and the certificate authorities that a broker moves between."""
import base64
import hashlib
import json
import os
import shutil
import signal
import subprocess

from .process import check, equal, run, wait_until


def made(command):
    """The bytes that a command prints."""
    return subprocess.run(command, stdout=subprocess.PIPE, timeout=30,
                          check=True).stdout


def der_of(path):
    """A certificate file's DER."""
    return made(["openssl", "x509", "-in", path, "-outform", "DER"])


class Authority:
    """A CA and the broker's certificate by it, made by `hawser pki`."""

    def __init__(self, hawser, folder, name):
        run([hawser, "pki", "init", folder, "--host", "localhost", "--org",
             name])
        self.folder = folder

    def path(self, *names):
        return os.path.join(self.folder, *names)

    @property
    def ca(self):
        return self.path("ca", "ca.crt")

    def der(self):
        return der_of(self.ca)

    def sign(self, request, out, extensions):
        """A certificate for a request (PEM paths)."""
        run(["openssl", "x509", "-req", "-in", request, "-CA", self.ca,
             "-CAkey", self.path("ca", "ca.key"), "-CAcreateserial", "-days",
             "300", "-sha256", "-extfile", extensions, "-out", out])

    def serve(self, broker):
        """The broker shows this CA's certificate to new connections."""
        for kind in ("crt", "key"):
            shutil.copy(self.path("server", "localhost." + kind),
                        broker.path("tls", "server." + kind))
        before = broker.log().count("Reloading config")
        broker.process.signal(signal.SIGHUP)
        wait_until(lambda: broker.log().count("Reloading config") > before, 5,
                   "mosquitto reads its files again")


def restart(agent):
    """A process without session tickets, which meets the certificate that the
    broker has now: a session that is resumed would not see it."""
    agent.stop()
    agent.skip()
    agent.start()


class Updater:
    """Has an update key; sends signed requests to one device and waits for
    what it says."""

    def __init__(self, world, broker, witness, device="dev1", key=None):
        """key: another updater's, for a second device."""
        self.world, self.broker, self.witness = world, broker, witness
        self.device = device
        self.generation = 0
        self.key = key or world.fresh("update-key")
        self.public = self.key + ".pub"
        if key is None:
            self.make_key()

    def make_key(self):
        run(["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt",
             "ec_paramgen_curve:P-256", "-out", self.key])
        run(["openssl", "pkey", "-in", self.key, "-pubout", "-out",
             self.public])

    def sign(self, id, args):
        """Of the device, command, id, expires, if_boot and args."""
        form = self.world.write(
            "form", f"{self.device}\nupdate_cert\n{id}\n\n\n{args}")
        return base64.b64encode(
            made(["openssl", "dgst", "-sha256", "-sign", self.key,
                  form])).decode()

    def request(self, **args):
        """Sends one; its id."""
        self.generation += 1
        id = f"{self.device}-{self.generation}"
        args = json.dumps({"generation": self.generation, **args})
        self.broker.publish(
            f"hawser/{self.device}/control",
            '{"command":"update_cert","id":"%s","args":%s,"sig":"%s"}' %
            (id, args, self.sign(id, args)))
        return id

    def file(self, kind, op, data, part=None, **more):
        """Sends a file with its request, or behind it in parts; the id."""
        args = {"kind": kind, "op": op, "size": len(data),
                "sha256": hashlib.sha256(data).hexdigest(), **more}
        if part is None:
            return self.request(data=base64.b64encode(data).decode(), **args)
        id = self.request(part=part, **args)
        answer = self.answer(id, "running")
        equal(set(answer["result"]["have"]), {"0"})
        for n in range(0, -(-len(data) // part)):
            self.part(id, n, data[n * part:(n + 1) * part])
        return id

    def part(self, id, n, data):
        self.broker.publish(
            f"hawser/{self.device}/cert",
            json.dumps({"id": id, "part": n,
                        "data": base64.b64encode(data).decode()}))

    def remove(self, der):
        return self.request(kind="ca", op="remove",
                            sha256=hashlib.sha256(der).hexdigest())

    def answer(self, id, status, seconds=60):
        """Among all that came: others wait on the same topic."""
        def found():
            return next((j for j in (m.json for m in self.witness.all("reply"))
                         if (j.get("id"), j["status"]) == (id, status)), None)
        return wait_until(found, seconds, f"reply {status} to {id}")

    def committed(self, id):
        answer = self.answer(id, "succeeded")
        equal((answer["result"]["outcome"], answer["result"]["in_use"]),
              ("committed", "active"))
        equal(answer["result"]["generation"], self.generation)

    def refused(self, id, code):
        answer = self.answer(id, "rejected")
        check(answer["code"] == code, f"{answer} instead of {code}")
