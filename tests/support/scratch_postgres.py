#!/usr/bin/env python3
"""A PostgreSQL server for tests: scratch_postgres.py start FOLDER [SETTING=VALUE ...] | stop FOLDER

start: on a free port of the loopback interface, as an unprivileged user, and without a sync to the
disk if no setting says otherwise.
FOLDER/url says where, FOLDER/data leads to its files, which that user can reach; a server that was
left there by a run before is ended. stop: ends it by its id, and removes it all.
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


def bin_folder():
    """Of the newest version that is installed."""
    found = glob.glob("/usr/lib/postgresql/*/bin/initdb")
    if not found:
        sys.exit("scratch_postgres: PostgreSQL is not installed: scripts/bootstrap test")
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
    sys.exit("scratch_postgres: there is neither a user postgres nor nobody")


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def end(folder):
    """What runs there, by its id."""
    try:
        with open(f"{folder}/data/postmaster.pid", encoding="ascii") as file:
            pid = int(file.readline())
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            if b"postgres" not in file.read():
                return
        os.kill(pid, signal.SIGINT)  # fast: it rolls back what is under way
        for _ in range(200):
            if not os.path.exists(f"/proc/{pid}"):
                return
            time.sleep(0.05)
        os.kill(pid, signal.SIGQUIT)
    except (OSError, ValueError):
        pass


def start(folder, settings=()):
    stop(folder)
    os.makedirs(folder)
    data = tempfile.mkdtemp(prefix="cicada-postgres-")
    os.symlink(data, f"{folder}/data")
    how = somebody()
    if how:
        os.chown(data, how["user"], how["group"])
    programs = bin_folder()
    subprocess.run([f"{programs}/initdb", "-D", data, "-A", "trust", "-U", "cicada", "-E", "UTF8",
                    "--locale=C", "-N"], check=True, stdout=subprocess.DEVNULL, cwd="/", **how)
    port = free_port()
    command = [f"{programs}/postgres", "-D", data, "-p", str(port)]
    for name, value in {**SETTINGS, **dict(settings)}.items():
        command += ["-c", f"{name}={value}"]
    log = open(f"{folder}/log", "ab")
    subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/",
                     start_new_session=True, **how)
    for _ in range(600):
        ready = subprocess.run([f"{programs}/pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)],
                               check=False)
        if ready.returncode == 0:
            break
        time.sleep(0.05)
    else:
        sys.exit(f"scratch_postgres: the server does not come up: see {folder}/log")
    with open(f"{folder}/url.new", "w", encoding="ascii") as file:
        file.write(f"postgresql://cicada@127.0.0.1:{port}/")
    os.rename(f"{folder}/url.new", f"{folder}/url")


def stop(folder):
    end(folder)
    if os.path.islink(f"{folder}/data"):
        shutil.rmtree(os.path.realpath(f"{folder}/data"), ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    what, folder, *settings = sys.argv[1:] if len(sys.argv) > 2 else ("", "")
    if what not in ("start", "stop") or (settings and what == "stop"):
        sys.exit(__doc__)
    if what == "stop":
        stop(os.path.abspath(folder))
    else:
        start(os.path.abspath(folder), [one.split("=", 1) for one in settings])
