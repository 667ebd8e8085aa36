"""Scratch PostgreSQL servers: a primary and a standby that streams from it, below a folder of their
own, on ports of 127.0.0.1 (and other addresses of this machine) that are free.

They run as an unprivileged user, for PostgreSQL refuses root, and end with the thread that started
them, however that ends.
"""
import contextlib
import ctypes
import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../support"))
from scratch_postgres import Unavailable, bin_folder, free_port, somebody

USER, DATABASE = "cicada", "chaos"
MOST_CONNECTIONS = 60


def ends_with_us(how):
    """For preexec_fn: the kernel sends it when the thread that starts the process ends."""
    libc = ctypes.CDLL(None)
    PR_SET_PDEATHSIG = 1
    return lambda: libc.prctl(PR_SET_PDEATHSIG, how)


class Server:
    def __init__(self, folder, addresses=("127.0.0.1",)):
        self.folder, self.addresses = folder, list(addresses)
        self.port = free_port()
        self.process = None

    # ---- as what it is made ----

    def make(self):
        self._run("initdb", "-D", self.folder, "-U", "admin", "-A", "trust", "-N", "-E", "UTF8",
                  "--locale=C", "--wal-segsize=1")
        self._set_up()

    def make_standby_of(self, primary):
        """Of what the primary has now. It must be up."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self._run("pg_basebackup", "-D", self.folder, "-h", "127.0.0.1", "-p", str(primary.port),
                  "-U", "admin", "-R", "-X", "stream", "-c", "fast", "--no-sync")
        self._set_up()

    def _set_up(self):
        """The same for each, so that a copy of one serves as the other."""
        networks = "".join(f"host all all {one}/24 trust\n" for one in self.addresses)
        self._write("pg_hba.conf", "local all all trust\nhost replication all 127.0.0.1/32 trust\n"
                    + networks)
        self._write("postgresql.conf", f"""
            listen_addresses = '{",".join(self.addresses)}'
            port = {self.port}
            unix_socket_directories = ''
            max_connections = {MOST_CONNECTIONS}
            fsync = off                 # processes are killed here, not machines
            shared_buffers = 32MB
            max_wal_size = 64MB
            wal_keep_size = 32MB
            wal_sender_timeout = 5s
            wal_retrieve_retry_interval = 200ms
            hot_standby = on
            log_line_prefix = '%m [%p] %a '
            include = 'chaos.conf'
            """)
        self._write("chaos.conf", "")

    def _write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)

    @staticmethod
    def _run(program, *arguments):
        done = subprocess.run([os.path.join(bin_folder(), program), *arguments], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd="/",
                              check=False, **somebody())
        if done.returncode:
            raise Unavailable(f"{program}: {done.stdout}")

    # ---- that it runs ----

    def start(self):
        with contextlib.suppress(FileNotFoundError):  # of one that was killed
            os.remove(os.path.join(self.folder, "postmaster.pid"))
        with open(self.folder + ".log", "a", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                [os.path.join(bin_folder(), "postgres"), "-D", self.folder], stdout=log, stderr=log,
                cwd="/", preexec_fn=ends_with_us(signal.SIGQUIT), **somebody())

    def stop(self, how=signal.SIGQUIT):
        """As `pg_ctl stop -m immediate`: without a checkpoint, so that the start recovers."""
        if self.process:
            self.process.send_signal(how)
            self.process.wait()
            self.process = None

    def wait_until_up(self, patience=30):
        give_up = time.monotonic() + patience
        while time.monotonic() < give_up:
            if self.process.poll() is not None:
                break
            if self.ask("SELECT 1", check=False) == ["1"]:
                return
            time.sleep(0.05)
        raise Unavailable(f"the server at port {self.port} does not come up:"
                          f" see {self.folder}.log")

    def ask(self, query, check=True, database="postgres", patience=20):
        """By the administrator, who has connections kept for him. A line for each row."""
        done = subprocess.run(
            ["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", str(self.port),
             "-U", "admin", "-d", database, "-c", query],
            text=True, capture_output=True, timeout=patience, check=False,
            env={**os.environ, "PGCONNECT_TIMEOUT": "5"})
        if done.returncode and check:
            raise RuntimeError(f"{query}: {done.stderr}")
        return done.stdout.splitlines()

    def configure(self, text):
        self._write("chaos.conf", text)
        self.process.send_signal(signal.SIGHUP)

    def fill(self):
        """Takes connections until there are no more. Gives them."""
        taken = []
        for _ in range(2 * MOST_CONNECTIONS):
            one = self._connect()
            if one is None:
                break
            taken.append(one)
        return taken

    def _connect(self):
        """A session of the protocol, with nothing asked. None: it is refused."""
        said = f"user\0{USER}\0database\0{DATABASE}\0\0".encode()
        heard = b""
        with contextlib.suppress(OSError):
            one = socket.create_connection(("127.0.0.1", self.port), timeout=5)
            one.sendall(struct.pack("!II", len(said) + 8, 3 << 16) + said)
            while not heard.endswith(b"Z\0\0\0\5I"):  # ready for a query
                heard += one.recv(4096) or b"FATAL"
                if b"FATAL" in heard:
                    one.close()
                    return None
            return one
        return None


class Pair:
    """A primary and its standby, which change places at a failover."""

    def __init__(self, folder, addresses=("127.0.0.1",), is_alone=False):
        os.makedirs(folder, exist_ok=True)
        if "user" in somebody():
            os.chown(folder, somebody()["user"], somebody()["group"])
        self.primary = Server(os.path.join(folder, "one"), addresses)
        self.standby = None if is_alone else Server(os.path.join(folder, "two"), addresses)
        self.ports = [one.port for one in (self.primary, self.standby) if one]

    def start(self):
        self.primary.make()
        self.primary.start()
        self.primary.wait_until_up()
        self.primary.ask(f"CREATE ROLE {USER} LOGIN")
        self.primary.ask(f"CREATE DATABASE {DATABASE} OWNER {USER}")
        if self.standby:
            self.attach()

    def attach(self):
        """Makes the standby anew. From then on each commit waits for it."""
        self.standby.make_standby_of(self.primary)
        self.standby.start()
        self.standby.wait_until_up()
        self.primary.configure("synchronous_standby_names = '*'\n")
        self.wait_for_standby()

    def wait_for_standby(self):
        give_up = time.monotonic() + 30
        while self.primary.ask("SELECT sync_state FROM pg_stat_replication") != ["sync"]:
            if time.monotonic() > give_up:
                raise RuntimeError("the standby does not keep up")
            time.sleep(0.05)

    def fail_over(self):
        """The primary is gone, and the standby, which has all that was acknowledged, takes over.
        To be followed by attach()."""
        self.primary.stop()
        self.primary, self.standby = self.standby, self.primary
        self.primary.ask("SELECT pg_promote(true, 20)")

    def stop(self):
        for one in (self.standby, self.primary):
            if one:
                one.stop()

    def rows(self, query):
        asked = f"SELECT row_to_json(t) FROM ({query}) t"
        for line in self.primary.ask(asked, database=DATABASE, patience=600):
            yield json.loads(line)


def url(hosts, name):
    """A connection URL with all of these (host, port), by which each server that is the primary is
    found."""
    places = ",".join(f"{host}:{port}" for host, port in hosts)
    return (f"postgresql://{USER}@{places}/{DATABASE}?target_session_attrs=read-write"
            f"&application_name={name}")
