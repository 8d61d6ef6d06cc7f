# SPDX-License-Identifier: Apache-2.0
"""Ports, a relay that can misbehave, and TLS servers that should be refused."""
import contextlib
import socket
import ssl
import struct
import threading


class Port:
    """A port that stays ours for the life of this object, whether somebody
    serves there or not. It is bound here without listening: the kernel gives
    it to nobody else, but lets a server bind it that asks for SO_REUSEADDR,
    and a connection is refused while there is none."""

    def __init__(self):
        self.holder = socket.socket()
        self.holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.holder.bind(("127.0.0.1", 0))
        self.number = self.holder.getsockname()[1]

    def listen(self):
        server = socket.socket()
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind(("127.0.0.1", self.number))
        server.listen(16)
        return server

    def close(self):
        self.holder.close()


class Server:
    """Accepts on a port of its own; each connection gets a thread."""

    def __init__(self):
        self.port = Port()
        self.accepted = 0
        self.listener = None
        self.open_sockets = set()
        self.lock = threading.Lock()
        self.open()

    def open(self):
        self.listener = self.port.listen()
        threading.Thread(target=self.accept, args=(self.listener,),
                         daemon=True).start()

    def shut(self):
        """Refuses new connections; those that are open stay."""
        if self.listener is not None:
            try:  # wakes accept(), which a mere close() would not
                self.listener.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            self.listener.close()
            self.listener = None

    def accept(self, listener):
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            self.accepted += 1
            self.keep(client)
            threading.Thread(target=self.serve, args=(client,),
                             daemon=True).start()

    def keep(self, sock):
        with self.lock:
            self.open_sockets.add(sock)

    def drop(self, sock):
        with self.lock:
            self.open_sockets.discard(sock)
        sock.close()

    def serve(self, client):
        raise NotImplementedError

    def cut(self):
        """Ends every connection at once."""
        with self.lock:
            sockets = list(self.open_sockets)
        for sock in sockets:
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def close(self):
        self.shut()
        self.cut()
        self.port.close()


class Relay(Server):
    """Between a device and its broker. stall: takes bytes no further, in both
    directions, and says nothing, as a line does that was cut somewhere."""

    def __init__(self, target):
        self.target = target
        self.flowing = threading.Event()
        self.flowing.set()
        self.how_to_end = socket.SHUT_RDWR
        self.from_client = bytearray()
        self.from_server = bytearray()
        super().__init__()

    def stall(self):
        self.flowing.clear()

    def flow(self):
        self.flowing.set()

    def reset(self):
        """Ends every connection by RST, with no FIN before it: whoever reads
        is woken, and closing says the rest; all are prepared for it first."""
        self.how_to_end = socket.SHUT_RD
        with self.lock:
            sockets = list(self.open_sockets)
        at_once = (socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        for sock in sockets:
            with contextlib.suppress(OSError):
                sock.setsockopt(*at_once)
        for sock in sockets:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RD)

    def serve(self, client):
        try:
            server = socket.create_connection(("127.0.0.1", self.target), 5)
        except OSError:
            self.drop(client)
            return
        server.settimeout(None)
        self.keep(server)
        back = threading.Thread(target=self.pass_on, daemon=True,
                                args=(server, client, self.from_server))
        back.start()
        self.pass_on(client, server, self.from_client)
        back.join()
        self.drop(client)
        self.drop(server)

    def pass_on(self, source, sink, record):
        try:
            while True:
                data = source.recv(65536)
                self.flowing.wait()
                if not data:
                    break
                record += data
                sink.sendall(data)
        except OSError:
            pass
        for sock in (source, sink):
            try:
                sock.shutdown(self.how_to_end)
            except OSError:
                pass


class TlsServer(Server):
    """Shows a certificate and writes down every byte that a client sends it
    over TLS: a client that refuses it sends none."""

    def __init__(self, certificate, key, only=None, level=2):
        """only: this version. level: OpenSSL's security level; 0 shows what
        it would refuse to show, old versions and weak keys."""
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        level = 0 if only is not None else level
        self.context.set_ciphers(f"DEFAULT:@SECLEVEL={level}")
        self.context.load_cert_chain(certificate, key)
        if only is not None:
            self.context.minimum_version = only
            self.context.maximum_version = only
        self.received = bytearray()
        self.handshakes = 0
        super().__init__()

    def serve(self, client):
        client.settimeout(5)
        try:
            with self.context.wrap_socket(client, server_side=True) as tls:
                self.handshakes += 1
                while data := tls.recv(4096):
                    self.received += data
        except OSError:
            pass
        self.drop(client)


class TalkServer(Server):
    """Says something to whoever connects, whatever they say; not TLS."""

    def __init__(self, words):
        self.words = words
        self.received = bytearray()
        super().__init__()

    def serve(self, client):
        client.settimeout(5)
        try:
            client.sendall(self.words)
            while data := client.recv(4096):
                self.received += data
        except OSError:
            pass
        self.drop(client)
