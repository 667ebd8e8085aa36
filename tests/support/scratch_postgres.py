#!/usr/bin/env python3
"""A PostgreSQL server for tests:
scratch_postgres.py start FOLDER [SETTING=VALUE ...] | standby FOLDER OF | stop FOLDER

start: on a free port of the loopback interface, as an unprivileged user, without a sync to the
disk if no setting says otherwise. FOLDER/url says where, FOLDER/data leads to its files, which
that user can reach; a server that was left there by a run before is ended. Where PgBouncer is
installed and nothing was set it stands before the server, and gives each transaction a session:
FOLDER/pooled_url.
standby: the same, as one that follows the server of the folder OF, and only reads.
stop: ends them by their ids, and removes it all.
"""
import glob
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "log_min_messages": "fatal",
}

POOLER = """[databases]
* = host=127.0.0.1 port={server} user=cicada
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 3
max_client_conn = 500
ignore_startup_parameters = extra_float_digits
server_reset_query_always = 0
pidfile = {data}/pgbouncer.pid
log_connections = 0
log_disconnections = 0
"""


class Unavailable(Exception):
    """What is missing here, for people."""


def bin_folder():
    """Of the newest version that is installed."""
    found = glob.glob("/usr/lib/postgresql/*/bin/initdb")
    if not found:
        raise Unavailable("PostgreSQL is not installed: scripts/bootstrap test")
    return os.path.dirname(max(found, key=lambda path: float(path.split("/")[4])))


def somebody():
    """How a program is run: PostgreSQL refuses to be root."""
    if os.geteuid() != 0:
        return {}
    for name in "postgres", "nobody":
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    raise Unavailable("PostgreSQL does not run as root, and there is no user nobody")


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def end(pid_file, program, sign):
    """What runs there, by its id."""
    try:
        with open(pid_file, encoding="ascii") as file:
            pid = int(file.readline())
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            if program not in file.read():
                return
        os.kill(pid, sign)
        for _ in range(200):
            if not os.path.exists(f"/proc/{pid}"):
                return
            time.sleep(0.05)
        os.kill(pid, signal.SIGQUIT)
    except (OSError, ValueError):
        pass


def run(command, folder, how):
    log = open(f"{folder}/log", "ab")
    subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/",
                     start_new_session=True, **how)


def wait_for(port, folder):
    ready = [f"{bin_folder()}/pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port),
             "-U", "cicada", "-d", "postgres"]
    for _ in range(600):
        if subprocess.run(ready, check=False).returncode == 0:
            return
        time.sleep(0.05)
    sys.exit(f"scratch_postgres: it does not come up: see {folder}/log")


def note(folder, name, port):
    with open(f"{folder}/{name}.new", "w", encoding="ascii") as file:
        file.write(f"postgresql://cicada@127.0.0.1:{port}/")
    os.rename(f"{folder}/{name}.new", f"{folder}/{name}")


def start(folder, settings=()):
    data, how = make_folders(folder)
    subprocess.run([f"{bin_folder()}/initdb", "-D", data, "-A", "trust", "-U", "cicada", "-E",
                    "UTF8", "--locale=C", "-N"], check=True, stdout=subprocess.DEVNULL, cwd="/",
                   **how)
    port = start_server(folder, data, how, settings)
    if not settings:
        start_pooler(folder, data, port, how)


def standby(folder, of):
    with open(f"{of}/url", encoding="ascii") as file:
        port = file.read().rstrip("/").rpartition(":")[2]
    data, how = make_folders(folder)
    subprocess.run([f"{bin_folder()}/pg_basebackup", "-D", data, "-h", "127.0.0.1", "-p", port,
                    "-U", "cicada", "-R", "-X", "stream", "-c", "fast", "--no-sync"], check=True,
                   cwd="/", **how)
    start_server(folder, data, how)


def make_folders(folder):
    """Gives that of the server's files, and how its programs are run."""
    stop(folder)
    os.makedirs(folder)
    data = tempfile.mkdtemp(prefix="cicada-postgres-")
    os.symlink(data, f"{folder}/data")
    how = somebody()
    if how:
        os.chown(data, how["user"], how["group"])
    return data, how


def start_server(folder, data, how, settings=()):
    port = free_port()
    command = [f"{bin_folder()}/postgres", "-D", data, "-p", str(port)]
    for name, value in {**SETTINGS, **dict(settings)}.items():
        command += ["-c", f"{name}={value}"]
    run(command, folder, how)
    wait_for(port, folder)
    note(folder, "url", port)
    return port


def start_pooler(folder, data, server, how):
    program = shutil.which("pgbouncer", path=os.environ.get("PATH", "") + ":/usr/sbin")
    if not program:
        return
    port = free_port()
    with open(f"{data}/pgbouncer.ini", "w", encoding="ascii") as file:
        file.write(POOLER.format(server=server, port=port, data=data))
    run([program, "-q", f"{data}/pgbouncer.ini"], folder, how)
    wait_for(port, folder)
    note(folder, "pooled_url", port)


def stop(folder):
    end(f"{folder}/data/pgbouncer.pid", b"pgbouncer", signal.SIGTERM)
    end(f"{folder}/data/postmaster.pid", b"postgres", signal.SIGINT)  # what is under way is undone
    if os.path.islink(f"{folder}/data"):
        shutil.rmtree(os.path.realpath(f"{folder}/data"), ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)


def main(what="", folder="", *more):
    folder = os.path.abspath(folder)
    if what == "start":
        start(folder, [one.split("=", 1) for one in more])
    elif what == "standby" and len(more) == 1:
        standby(folder, *more)
    elif what == "stop" and not more:
        stop(folder)
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except Unavailable as e:
        sys.exit(f"scratch_postgres: {e}")
