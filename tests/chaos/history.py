"""What happened, as plain records: what the nodes wrote into their diaries, what was done to them,
and what the store has in the end. All of it lies in one folder, so that it can be checked again:

    diary-<node>.jsonl   of chaos_worker, see diary.hpp
    chaos.jsonl          of chaos.py: processes that began and died, and what was done to whom
    store.jsonl          the rows of the store, and what the server has recorded: QUERIES, inside.py

Instants are nanoseconds; `boot` is CLOCK_BOOTTIME, one for all processes here, and `real` is
CLOCK_REALTIME, which is the server's clock.
"""
import glob
import json
import os
import re
from sys import intern
from typing import NamedTuple, Optional

SECOND = 10**9
STATES = ("ready", "running", "ok", "failed", "cancelled", "lost")
ORIGINS = ("scheduled", "triggered", "backfilled", "rerun", "submitted")
LIVES = ("active", "paused", "ending", "held", "cancelling", "ended")
FATES = ("ran", "failed", "cancelled", "skipped_overlap", "coalesced_into", "missed", "too_late",
         "excluded", "paused", "clock_went_back", "lost", "restored")

# The columns that are looked at. The names of the tables are the same in every store.
QUERIES = {
    "job": "SELECT id, name, created_at, decided, life, epoch FROM {schema}job",
    "run": "SELECT id, job, kind, origin, nominal, epoch, state, attempt, lost, fence,"
           " began_at, started_at, ended_at, key, reason FROM {schema}run",
    "stretch": "SELECT job, epoch, kind, first_at, last_at, count, is_at_least"
               " FROM {schema}stretch",
    "node": "SELECT id, name, state, lease_until, entered_at, ended_at FROM {schema}node",
    "event": "SELECT at, what, id, node, fence FROM record.event ORDER BY at",
}
NODE_STATES = ("live", "left", "evicted")


class Job(NamedTuple):
    name: str
    when: str
    until: int  # real: no instant from here on
    on_lost: str
    when_cut_off: str

    def period(self):
        """Of the grid that its instants lie on. None: they lie on none."""
        every = re.fullmatch(r"every (\d+)(ms|s)", self.when)
        if every:
            return int(every[1]) * (SECOND if every[2] == "s" else SECOND // 1000)
        seconds = re.match(r'cron\("\*(?:/(\d+))?( \*){5}"', self.when)
        if seconds:
            return int(seconds[1] or 1) * SECOND
        if self.when.startswith("fixed_delay "):
            return None
        raise ValueError(f"when are the instants of {self.when!r}?")

    def is_calendar(self):
        return self.when.startswith("cron")


class JobRow(NamedTuple):
    id: int
    name: str
    created_at: int
    decided: int
    life: int
    epoch: int


class Run(NamedTuple):
    id: int
    job: Optional[int]
    kind: str
    origin: int
    nominal: int
    epoch: int
    state: int
    attempt: int
    lost: int
    fence: int
    began_at: int
    started_at: Optional[int]
    ended_at: Optional[int]
    key: str
    reason: str


class Stretch(NamedTuple):
    job: int
    epoch: int
    kind: int
    first_at: int
    last_at: int
    count: int
    is_at_least: bool


class NodeRow(NamedTuple):
    """What a process was to the store, from one entering to the next."""
    id: int
    name: str
    state: int
    lease_until: int  # real, like all of these; by the last renewal that was committed
    entered_at: int
    ended_at: Optional[int]


class Event(NamedTuple):
    """What the server has recorded. `node` and `fence`: of a run, before that."""
    at: int  # real
    what: str
    id: int  # of a node that was evicted; else of a run
    node: Optional[int]
    fence: Optional[int]


class Attempt(NamedTuple):
    """One call of a handler, as its process wrote it down."""
    node: str
    pid: int
    run: int
    fence: int
    job: str  # empty: it was submitted
    origin: str
    nominal: int
    lost: int  # attempts before it
    started: int  # boot
    started_real: int
    ended: Optional[int] = None  # boot; none: it was killed in the middle
    how: str = ""
    ended_real: Optional[int] = None


class Answer(NamedTuple):
    """What the store has acknowledged."""
    node: str
    call: str
    key: str
    run: int


class Process(NamedTuple):
    node: str
    pid: int
    began: int
    died: Optional[int] = None
    how: str = ""


class Trouble(NamedTuple):
    """Something was done to a node, or to the store."""
    of: str
    what: str
    begin: int
    end: int


class History(NamedTuple):
    lease: int
    jobs: list
    job_rows: list
    runs: list
    stretches: list
    attempts: list  # as they started
    answers: list
    processes: list
    troubles: list
    nodes: list
    events: list
    real_ahead: int  # of boot
    over_at: int = 2**62  # real: from then on nobody was there to run anything

    def boot_of(self, real):
        return real - self.real_ahead


def lines_of(path):
    with open(path, encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def read_diary(path, jobs, attempts, answers):
    node = re.fullmatch(r"diary-(.*)\.jsonl", os.path.basename(path))[1]
    open_ones = {}
    for one in lines_of(path):
        what = one["what"]
        if what == "start":
            attempt = Attempt(node, one["pid"], one["run"], one["fence"], intern(one["job"]),
                              intern(one["origin"]), one["nominal"], one["lost"], one["boot"],
                              one["real"])
            open_ones[one["pid"], one["run"], one["fence"]] = attempt
        elif what == "end":
            begun = open_ones.pop((one["pid"], one["run"], one["fence"]))
            attempts.append(begun._replace(ended=one["boot"], how=intern(one["how"]),
                                           ended_real=one["real"]))
        elif what == "answered":
            answers.append(Answer(node, one["call"], one["key"], one["run"]))
        elif what == "job":
            jobs[one["name"]] = Job(one["name"], one["when"], one["until"], one["on_lost"],
                                    one["when_cut_off"])
    attempts.extend(open_ones.values())


def read_store(path):
    kinds = {"job": JobRow, "run": Run, "stretch": Stretch, "node": NodeRow, "event": Event}
    rows = {table: [] for table in kinds}
    for one in lines_of(path):
        table = one.pop("table")
        for name in ("kind", "reason"):
            if isinstance(one.get(name), str):
                one[name] = intern(one[name])
        rows[table].append(kinds[table](**one))
    return rows


def read_chaos(path):
    lease, real_ahead, over_at, processes, troubles = None, None, 2**62, {}, []
    for one in lines_of(path):
        what = one["what"]
        if what == "begin":
            lease, real_ahead = one["lease"], one["real"] - one["boot"]
        elif what == "began":
            processes[one["pid"], one["node"]] = Process(one["node"], one["pid"], one["boot"])
        elif what == "died":
            which = one["pid"], one["node"]
            processes[which] = processes[which]._replace(died=one["boot"], how=one["how"])
        elif what == "over":
            over_at = one["real"]
        elif what == "trouble":
            troubles.append(Trouble(one["of"], one["class"], one["from"], one["until"]))
    return {"lease": lease, "real_ahead": real_ahead, "over_at": over_at,
            "processes": list(processes.values()), "troubles": troubles}


def read_history(folder):
    jobs, attempts, answers = {}, [], []
    for path in sorted(glob.glob(os.path.join(folder, "diary-*.jsonl"))):
        read_diary(path, jobs, attempts, answers)
    attempts.sort(key=lambda one: one.started)
    rows = read_store(os.path.join(folder, "store.jsonl"))
    return History(jobs=list(jobs.values()), job_rows=rows["job"], runs=rows["run"],
                   stretches=rows["stretch"], nodes=rows["node"], events=rows["event"],
                   attempts=attempts, answers=answers,
                   **read_chaos(os.path.join(folder, "chaos.jsonl")))
