"""Ways to a server that can break: a proxy whose connections become half-open, and a node in a
network namespace of its own, on a cable that can be cut."""
import contextlib
import os
import selectors
import signal
import socket
import struct
import subprocess
import threading
import time

from servers import Unavailable, ends_with_us


class Proxy:
    """Passes on what comes to its port to another one. `mode` says how, for what is open and what
    will be opened:

        pass
        swallow_up      what the client sends never arrives
        swallow_down    what the server sends never arrives
        stall           nothing arrives, until it passes again
        reset           both ends are told that the connection is broken

    A connection of which bytes have been swallowed has come to its end, as a half-open one has: it
    swallows for good. It is not closed at the other end before its own end closes it, and then
    `lingers` seconds later, so that a server holds what the session had locked.
    """

    def __init__(self, port, lingers):
        self.to, self.lingers = port, lingers
        self.mode = "pass"
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            client, _ = self.listener.accept()
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        try:
            server = socket.create_connection(("127.0.0.1", self.to), timeout=5)
        except OSError:
            client.close()
            return
        server.settimeout(None)
        with client, server, contextlib.suppress(OSError):
            self._pass(client, server)

    def _pass(self, client, server):
        other = {client: server, server: client}
        swallowing = {client: "swallow_up", server: "swallow_down"}
        lost = set()  # the sources of which something was swallowed
        with selectors.DefaultSelector() as ready:
            for one in other:
                ready.register(one, selectors.EVENT_READ)
            while True:
                if self.mode == "reset":
                    for one in other:
                        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                       struct.pack("ii", 1, 0))
                    return
                for key, _ in ready.select(0.05):
                    while self.mode == "stall":
                        time.sleep(0.02)
                    source = key.fileobj
                    data = source.recv(1 << 16)
                    if not data:
                        if lost:
                            time.sleep(self.lingers)
                        return
                    if self.mode == swallowing[source]:
                        lost.add(source)
                    if source not in lost:
                        other[source].sendall(data)


class Namespace:
    """A network of its own for one node, and a cable to this machine: 10.x.y.1 here, .2 there.
    It is that of a process that sleeps, and so goes with it."""

    def __init__(self):
        if os.geteuid() != 0:
            raise Unavailable("network namespaces: only root can lay a cable to one")
        number = os.getpid()
        self.here, self.there = (f"10.{64 + number // 250 % 128}.{number % 250}.{i}"
                                 for i in (1, 2))
        self.cable = f"chaos{number}"
        self.holder = subprocess.Popen(["unshare", "--net", "sleep", "infinity"],
                                       preexec_fn=ends_with_us(signal.SIGKILL))
        try:
            self._wait_for_it()
            self._ip("link", "add", self.cable, "type", "veth",
                     "peer", "name", "cable", "netns", str(self.holder.pid))
            self._ip("address", "add", self.here + "/24", "dev", self.cable)
            self._ip("link", "set", self.cable, "up")
            for words in (("address", "add", self.there + "/24", "dev", "cable"),
                          ("link", "set", "cable", "up"), ("link", "set", "lo", "up")):
                self._ip_there(*words)
        except (OSError, subprocess.CalledProcessError) as e:
            self.close()
            raise Unavailable(f"network namespaces: {getattr(e, 'stderr', None) or e}") from e

    def _wait_for_it(self):
        ours = os.readlink("/proc/self/ns/net")
        for _ in range(200):
            if self.holder.poll() is not None:
                raise OSError("unshare --net is not allowed")
            if os.readlink(f"/proc/{self.holder.pid}/ns/net") != ours:
                return
            time.sleep(0.01)
        raise OSError("unshare --net does not begin")

    @staticmethod
    def _ip(*words):
        subprocess.run(["ip", *words], check=True, capture_output=True, text=True)

    def _ip_there(self, *words):
        subprocess.run([*self.enter(), "ip", *words], check=True, capture_output=True, text=True)

    def enter(self):
        """Words before a command, which then is the process itself."""
        return ["nsenter", "--target", str(self.holder.pid), "--net"]

    def cut(self):
        self._ip("link", "set", self.cable, "down")

    def mend(self):
        self._ip("link", "set", self.cable, "up")

    def cut_out(self):
        """Nothing from there arrives."""
        self._ip_there("route", "add", "blackhole", self.here + "/32")

    def mend_out(self):
        self._ip_there("route", "del", "blackhole", self.here + "/32")

    def cut_in(self):
        """Nothing arrives there."""
        self._ip("route", "add", "blackhole", self.there + "/32")

    def mend_in(self):
        self._ip("route", "del", "blackhole", self.there + "/32")

    def close(self):
        self.holder.kill()
        self.holder.wait()
