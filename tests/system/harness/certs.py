# SPDX-License-Identifier: Apache-2.0
"""Certificates with one mistake each, made by openssl and faketime, so that
what refuses them is not what made them."""
import os

from .process import run

CA = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n"
LEAF = ("basicConstraints=critical,CA:FALSE\n"
        "keyUsage=critical,digitalSignature\n")


class Certs:
    """A CA in a folder of its own. shift: days by which its own birth lies in
    the past (negative) or in the future."""

    def __init__(self, folder, shift=-30):
        self.folder = folder
        os.makedirs(folder, exist_ok=True)
        self.ca = self.path("ca.crt")
        self.ca_key = self.path("ca.key")
        self.count = 0
        self.make_key(self.ca_key)
        self.issue(self.ca, self.ca_key, "test CA", CA, shift, 3650, None)

    def path(self, name):
        return os.path.join(self.folder, name)

    @staticmethod
    def make_key(path, kind="ec"):
        options = {"ec": ["EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
                   "weak": ["RSA", "-pkeyopt", "rsa_keygen_bits:1024"]}[kind]
        run(["openssl", "genpkey", "-algorithm", *options, "-out", path])

    def issue(self, path, key, name, extensions, shift, days, issuer):
        """issuer None: signs itself."""
        request, config = path + ".csr", path + ".ext"
        with open(config, "w") as f:
            f.write(extensions)
        run(["openssl", "req", "-new", "-key", key, "-subj", f"/CN={name}",
             "-out", request])
        signer = ["-signkey", key] if issuer is None else \
            ["-CA", issuer.ca, "-CAkey", issuer.ca_key, "-CAcreateserial"]
        run(["faketime", "-f", f"{shift:+d}d", "openssl", "x509", "-req",
             "-in", request, *signer, "-days", str(days), "-sha256",
             "-extfile", config, "-out", path])

    def server(self, names="DNS:localhost,IP:127.0.0.1", shift=-1, days=90,
               usage="serverAuth", kind="ec", is_self_signed=False):
        """Paths of a server certificate and its key. shift and days: when it
        begins, from today, and how long it is valid."""
        self.count += 1
        path = self.path(f"server{self.count}.crt")
        key = self.path(f"server{self.count}.key")
        self.make_key(key, kind)
        extensions = LEAF + f"extendedKeyUsage={usage}\n"
        if names:
            extensions += f"subjectAltName={names}\n"
        self.issue(path, key, "localhost", extensions, shift, days,
                   None if is_self_signed else self)
        return path, key
