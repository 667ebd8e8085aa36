#!/usr/bin/env python3
"""Kills the front door's program with kill -9, again and again, and looks at what is in its file.

kill.py <program> [rounds] [seed]

The program has `weekly` each second, `poll` each 250 ms, and submits one run for 3 s after its
first start. Whenever it is killed: what had ended stays as it was; each instant of a job has one
run, or lies in one stretch of instants without a run, and never both; the submitted run comes
once. What was begun and not written down comes again, and its row says so (`lost`).
"""
import os, random, re, shutil, signal, sqlite3, subprocess, sys, tempfile, time
from datetime import datetime, timezone

program = os.path.abspath(sys.argv[1])
rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 12
seed = int(sys.argv[3]) if len(sys.argv) > 3 else random.randrange(10**6)
random.seed(seed)

SECOND = 10**9
PERIOD = {"weekly": SECOND, "poll": SECOND // 4}
ARGUMENTS = {"weekly": '{"to": "team@example.org"}', "poll": "{}"}
WELCOME = '{"to": "me@example.org"}'
READY, RUNNING, OK, LOST = 0, 1, 2, 5  # run_state

work = tempfile.mkdtemp()
printed = {}  # (arguments, instant): how often
problems = []


def check(is_so, what):
    if not is_so:
        problems.append(what)


def instant(text):
    whole, fraction = re.fullmatch(r"([^.Z]*)(?:\.(\d+))?Z", text).groups()
    at = datetime.fromisoformat(whole).replace(tzinfo=timezone.utc)
    return int(at.timestamp()) * SECOND + int((fraction or "0").ljust(9, "0"))


def run(seconds, how):
    """Starts it, and ends it by this signal; gives its status."""
    child = subprocess.Popen(["stdbuf", "-oL", program], cwd=work, text=True,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    time.sleep(seconds)
    check(child.poll() is None, "it has ended by itself")
    child.send_signal(how)
    out, err = child.communicate(timeout=30)
    check(err == "", f"it says: {err}")
    for line in out.splitlines():
        told = re.fullmatch(r"(\S+), attempt 1: (.*)", line)
        check(told, f"it prints {line!r}")
        if told:
            key = (told[2], instant(told[1]))
            printed[key] = printed.get(key, 0) + 1
    return child.returncode


def rows():
    """What a program that is started now would find. Of a copy: reading the file would mend it."""
    copy = tempfile.mkdtemp()
    try:
        for name in ("reports.db", "reports.db-wal"):
            if os.path.exists(os.path.join(work, name)):
                shutil.copy(os.path.join(work, name), copy)
        database = sqlite3.connect(os.path.join(copy, "reports.db"))
        check(database.execute("PRAGMA integrity_check").fetchall() == [("ok",)], "it is damaged")
        if not database.execute("SELECT 1 FROM sqlite_schema WHERE name = 'job'").fetchall():
            return {}, [], []
        jobs = {name: (at, decided) for name, at, decided in
                database.execute("SELECT name, created_at, decided FROM job")}
        runs = database.execute(
            "SELECT r.id, j.name, r.nominal, r.state, r.lost, r.started_at, r.key, r.attempt"
            " FROM run r LEFT JOIN job j ON j.id = r.job ORDER BY r.id").fetchall()
        stretches = database.execute(
            "SELECT j.name, s.first_at, s.last_at, s.count FROM stretch s"
            " JOIN job j ON j.id = s.job ORDER BY s.first_at").fetchall()
        database.close()
        return jobs, runs, stretches
    finally:
        shutil.rmtree(copy)


def check_job(name, created, decided, runs, stretches):
    """Each instant in [created, decided] has one fate. Gives how many runs, and how many none."""
    period = PERIOD[name]
    fates = [nominal for _, job, nominal, *_ in runs if job == name]
    began = len(fates)
    for job, first, last, count in stretches:
        if job != name:
            continue
        check((last - first) // period + 1 == count and (last - first) % period == 0,
              f"{name}: a stretch of {count} from {first} to {last}")
        fates += range(first, last + 1, period)
    fates.sort()
    start = created if name == "poll" else created // period * period + period
    check(fates == list(range(start, decided + 1, period)),
          f"{name}: not each instant from {start} to {decided} once: {fates}")
    return began, len(fates) - began


def check_runs(runs, before):
    for id, job, nominal, state, lost, started_at, key, attempt in runs:
        what = f"run {id} of {job or key} at {nominal}"
        told = printed.get((ARGUMENTS[job] if job else WELCOME, nominal), 0)
        check(state in (READY, RUNNING, OK, LOST) and attempt == 1, f"{what} is {state}")
        check(told <= lost + (state != READY), f"{what} was printed {told} times, lost {lost}")
        check(told >= 1 or state != OK, f"{what} was never printed")
        check(started_at is None or started_at >= nominal, f"{what} started early")
    check(len([r for r in runs if not r[1]]) <= 1, "it was submitted twice")
    now = {r[0]: r for r in runs}
    for old in before:
        check(old[0] in now, f"run {old[0]} has gone")
        check(old[3] in (READY, RUNNING) or now.get(old[0]) == old, f"run {old[0]} was {old}")


def look(before):
    jobs, runs, stretches = rows()
    check_runs(runs, before)
    figures = {name: check_job(name, *of, runs, stretches) for name, of in jobs.items()}
    return runs, figures


runs, created = [], None
for round in range(rounds):
    status = run(random.choice((0.02, 0.05, 0.1, 0.4, 0.8)) * random.uniform(0.5, 1.5),
                 signal.SIGKILL)
    check(status == -signal.SIGKILL, f"it ended with {status}")
    runs, figures = look(runs)
while not problems:
    check(run(1.5, signal.SIGTERM) == 0, "it does not end well when it is asked to")
    runs, figures = look(runs)
    welcome = [r for r in runs if r[6] == "welcome-42"]
    check(len(welcome) == 1, f"submitted: {welcome}")
    if welcome and welcome[0][3] == OK:
        break
    check(not welcome or time.time() < welcome[0][2] / SECOND + 10, "the submitted run is late")
shutil.rmtree(work)
for one in problems:
    print(f"FAILED: {one}")
lost = sum(r[4] for r in runs)
print(f"seed {seed}: {rounds} kills, {len(runs)} runs, {lost} attempts lost; "
      + ", ".join(f"{name} {a} runs and {b} instants without" for name, (a, b) in figures.items()))
sys.exit(bool(problems))
