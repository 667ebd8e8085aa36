#!/usr/bin/env python3
"""Decides from a history whether all that is promised of a store and its workers was kept.

checker.py <folder>      one that chaos.py has kept: see history.py

The rules are those of docs/jobs.md, and each violation names its own:

    undecided         G2: an instant of a schedule is neither a run nor in a stretch
    decided twice     G1: it is both, or twice one of them
    no instant        a run, or the end of a stretch, is not on the schedule's grid
    miscounted        a stretch says another number than there are instants in it
    clock went back   no clock of the store did
    same fence        G1: two attempts under one fence
    fence went back   G3: a later attempt, or the row at the end, has no greater fence
    not its end       G3: the row's outcome is not that of the attempt under its fence
    no such run       a handler was called for a run that the store does not have
    again             on_lost::fail: begun again, although nobody said how the first time ended
    late takeover     G4: nobody had begun it again by `bound` after its node was gone
    two at once       G5: two attempts of one run at work, and its job is to stop when cut off
    early             it began before its instant, by the server's clock
    answer lost       what was acknowledged is not there, or is another run
    left open         a job or a run has not ended, long after it should have
    ended by itself   a node's process did, with nobody asking it to

Two at once: an attempt is at work from its start to its end, or to its process's death. While its
process is stopped (SIGSTOP) it is not, nor for WAKING afterwards: so long a process may take to see
that its lease is over, and to ask the handler to end.

Late: the time from the last sign of life (the kill, the stop, the cut) to the next attempt, by
whomever. The bound is the lease, a quarter of it (the next round of who looks), what the store puts
between a loss and the next attempt (1 s, 2 s after the second loss), and one second. Where another
node is stopped or cut off meanwhile, in a transaction that has others wait, it is LOCKED more: the
server ends that session after a second, and what it kept waiting has its next turn. There is none
while the store itself was away, and for one lease after that, in which nobody is evicted; nor where
no other node was well for all of that time.

What the machine itself did not let anybody run (nodes.Pulse) is added to both.
"""
import sys
from collections import Counter, defaultdict
from typing import NamedTuple

from history import FATES, LIVES, ORIGINS, SECOND, STATES, read_history

WAKING = SECOND
LOCKED = 3 * SECOND // 2
FAR = 2**62


class Violation(NamedTuple):
    rule: str
    text: str


def spans_without(span, holes):
    """What is left of it, in order."""
    rest = [span]
    for begin, end in holes:
        rest = [(c, d) for a, b in rest for c, d in ((a, min(b, begin)), (max(a, end), b))
                if c < d]
    return rest


def overlap_of(some, others):
    return max([min(b, d) - max(a, c) for a, b in some for c, d in others], default=0)


def seconds(ns):
    return f"{ns / SECOND:.3f} s"


class Checker:
    def __init__(self, history):
        self.all = history
        self.found = []
        self.figures = Counter()
        self.fates = Counter()
        self.takeovers = []  # ns, of those that have a bound
        self.jobs = {one.name: one for one in history.jobs}
        self.job_rows = {one.name: one for one in history.job_rows}
        self.runs = {one.id: one for one in history.runs}
        self.died = {(one.node, one.pid): one.died for one in history.processes}
        self.stalls = [one for one in history.troubles if one.of == "machine"]
        self.of_run, self.runs_of, self.stretches_of = (defaultdict(list) for _ in range(3))
        for one in history.runs:
            self.runs_of[one.job].append(one)
        for one in history.stretches:
            self.stretches_of[one.job].append(one)
        for one in history.attempts:
            self.of_run[one.run].append(one)

    def add(self, rule, text):
        self.found.append(Violation(rule, text))

    def check(self):
        for job in self.all.jobs:
            self.check_instants(job)
        for run in self.all.runs:
            self.check_end(run)
        self.check_fences()
        for run, attempts in self.of_run.items():
            if run not in self.runs:
                self.add("no such run", self.text(attempts[0]))
            self.check_once(attempts)
            self.check_alone(attempts)
            self.check_takeovers(attempts)
        self.check_starts()
        self.check_answers()
        for one in self.all.processes:
            if one.how == "by itself":
                self.add("ended by itself", f"{one}")
        return self.found

    @staticmethod
    def text(one):
        return (f"run {one.run} of {one.job or 'what was submitted'} at {one.nominal},"
                f" fence {one.fence} on {one.node}")

    # ---- G1, G2: each instant is decided once ---------------------------------------------------

    def check_instants(self, job):
        row = self.job_rows.get(job.name)
        if not row:
            return self.add("left open", f"{job.name} is not in the store")
        if LIVES[row.life] != "ended":
            self.add("left open", f"{job.name} is {LIVES[row.life]}, decided to {row.decided}")
        runs = [one for one in self.runs_of[row.id] if ORIGINS[one.origin] == "scheduled"]
        stretches = self.stretches_of[row.id]
        self.fates["run"] += len(runs)
        for one in stretches:
            self.fates[FATES[one.kind]] += one.count
            if FATES[one.kind] == "clock_went_back":
                self.add("clock went back", f"{job.name}: {one}")
        period = job.period()
        if period is None:  # no grid: each instant is a run, once
            for nominal, times in Counter(one.nominal for one in runs).items():
                if times > 1:
                    self.add("decided twice", f"{job.name} at {nominal}")
            return None
        first = row.created_at
        if job.is_calendar():
            first = first // period * period + period
        end = job.until if LIVES[row.life] == "ended" else min(row.decided, job.until)
        return self.check_grid(job, range(first, end, period), runs, stretches)

    def check_grid(self, job, grid, runs, stretches):
        """Twice is by number: what lies between is the sum of what begins and ends before it."""
        changes = Counter()
        for one in runs:
            if (one.nominal - grid.start) % grid.step or one.nominal < grid.start:
                self.add("no instant", f"{job.name}: run {one.id} at {one.nominal}")
            changes[one.nominal] += 1
            changes[one.nominal + 1] -= 1
        for one in stretches:
            between = one.last_at - one.first_at
            if (one.first_at - grid.start) % grid.step or between % grid.step:
                self.add("no instant", f"{job.name}: {one}")
            instants = between // grid.step + 1
            if one.count > instants or (one.count < instants and not one.is_at_least):
                self.add("miscounted", f"{job.name}: {one}, and not {instants}")
            changes[one.first_at] += 1
            changes[one.last_at + 1] -= 1
        edges = sorted(changes)
        fates = 0
        at = 0
        for nominal in grid:
            while at < len(edges) and edges[at] <= nominal:
                fates += changes[edges[at]]
                at += 1
            self.figures["instants"] += 1
            if fates == 0:
                self.figures["missed"] += 1
                self.add("undecided", f"{job.name} at {nominal}")
            elif fates > 1:
                self.figures["doubled"] += 1
                self.add("decided twice", f"{job.name} at {nominal}: {fates} times")

    # ---- G3: one attempt counts -----------------------------------------------------------------

    def check_fences(self):
        seen = {}
        for one in self.all.attempts:
            other = seen.setdefault(one.fence, one)
            if other is not one:
                self.add("same fence", f"{self.text(other)}, and {self.text(one)}")
        for attempts in self.of_run.values():
            for one, other in zip(attempts, attempts[1:]):
                if one.fence > other.fence:
                    self.add("fence went back", f"{self.text(one)}, then {self.text(other)}")

    def check_end(self, run):
        state = STATES[run.state]
        attempts = self.of_run.get(run.id, [])
        what = f"run {run.id} is {state} by fence {run.fence}"
        if state == "ready" and run.began_at > self.all.over_at:
            return  # somebody's call was answered only then
        if state in ("ready", "running"):
            self.add("left open", what)
        greatest = max(attempts, key=lambda one: one.fence, default=None)
        if greatest and greatest.fence > run.fence:
            self.add("fence went back", f"{what}, and has begun: {self.text(greatest)}")
        by_it = next((one for one in attempts if one.fence == run.fence), None)
        is_its_end = True
        if state == "ok":
            is_its_end = by_it is not None and by_it.how == "ok"
        elif state == "failed" and run.lost == 0:  # else it may have failed before it was lost
            thrown = [one for one in attempts if one.how == "failed"]
            is_its_end = bool(thrown) and thrown[-1] is attempts[-1]
        elif state == "cancelled" and by_it:
            is_its_end = by_it.how != "failed"
        if not is_its_end:
            self.figures["zombie ends accepted"] += 1
            self.add("not its end", f"{what}: {by_it or attempts}")
        self.figures["zombie ends refused"] += sum(
            1 for one in attempts if one.how == "ok" and one.fence < run.fence)

    def check_once(self, attempts):
        job = self.jobs.get(attempts[0].job)
        if not job or job.on_lost != "fail":
            return
        for one, other in zip(attempts, attempts[1:]):
            if one.how != "failed":
                self.add("again", f"{self.text(one)}, then {self.text(other)}")

    # ---- G4, G5 ---------------------------------------------------------------------------------

    def end_of(self, one):
        """Of its being there at all."""
        if one.ended is not None:
            return one.ended
        died = self.died.get((one.node, one.pid))
        return FAR if died is None else died

    def stalled(self, begin, end):
        """What the machine took from that time."""
        return sum(max(0, min(end, t.end) - max(begin, t.begin)) for t in self.stalls)

    def at_work(self, one):
        stops = [(t.begin, t.end + WAKING + self.stalled(t.end, t.end + WAKING))
                 for t in self.all.troubles if t.of == one.node and t.what == "stop"]
        return spans_without((one.started, self.end_of(one)), stops)

    def check_alone(self, attempts):
        if len(attempts) < 2:
            return
        job = self.jobs.get(attempts[0].job)
        may_be_two = job is not None and job.when_cut_off == "carry_on"
        for i, one in enumerate(attempts):
            for other in attempts[i + 1:]:
                both = overlap_of(self.at_work(one), self.at_work(other))
                if both <= 0:
                    continue
                self.figures["two at once, allowed" if may_be_two else "two at once"] += 1
                if not may_be_two:
                    self.add("two at once", f"{self.text(one)} and {self.text(other)},"
                                            f" for {seconds(both)}")

    def gone_at(self, one, until):
        """When its node was last well, if it was not when this attempt ended. None: it was."""
        died = self.died.get((one.node, one.pid))
        is_killed = one.ended is None and died is not None
        end = died if is_killed else min(self.end_of(one), until)
        known = [t.begin for t in self.all.troubles if t.of == one.node
                 and t.what not in ("kill", "clock")
                 and t.begin <= end <= t.end + self.all.lease and t.end >= one.started]
        if is_killed:
            known.append(died)
        return max(min(known), one.started) if known else None

    def check_takeovers(self, attempts):
        for one, other in zip(attempts, attempts[1:]):
            if one.how == "failed":
                continue
            gone = self.gone_at(one, other.started)
            if gone is None:
                continue
            self.figures["takeovers"] += 1
            took = other.started - gone
            bound = self.bound_of(one, gone)
            if bound is None or not self.was_another_well(one, gone, gone + bound):
                self.figures["takeovers without a bound"] += 1
                continue
            self.takeovers.append(took)
            if took > bound:
                self.add("late takeover", f"{self.text(one)}, which was gone for {seconds(took)}"
                                          f" and not {seconds(bound)}, then {self.text(other)}")

    def bound_of(self, one, gone):
        """None: the store was away meanwhile, so that another time counts."""
        lease = self.all.lease
        bound = lease + lease // 4 + (SECOND << one.lost) + SECOND
        if any(t.of not in (one.node, "store", "machine") and t.what not in ("kill", "clock")
               and t.begin < gone + bound and gone < t.end for t in self.all.troubles):
            bound += LOCKED
        bound += self.stalled(gone, gone + bound)
        away = [t for t in self.all.troubles if t.of == "store"
                and t.begin <= gone + bound and gone - lease <= t.end + lease]
        return None if away else bound

    def was_another_well(self, one, begin, end):
        lease = self.all.lease
        for process in self.all.processes:
            if process.node == one.node or process.began + lease > begin:
                continue
            if process.died is not None and process.died < end:
                continue
            if all(t.of != process.node or t.what == "clock" or t.end + lease < begin
                   or t.begin > end for t in self.all.troubles):
                return True
        return False

    # ---- and ------------------------------------------------------------------------------------

    def check_starts(self):
        for one in self.all.attempts:
            if one.origin in ("scheduled", "submitted") and one.started_real < one.nominal:
                self.add("early", f"{self.text(one)},"
                                  f" by {seconds(one.nominal - one.started_real)}")

    def check_answers(self):
        self.figures["acknowledged"] = len(self.all.answers)
        triggered = {"trigger": "triggered", "submit": "submitted"}
        with_key = Counter((one.job, one.kind if one.job is None else "", one.key)
                           for one in self.all.runs if one.key)
        for which, times in with_key.items():
            if times > 1:
                self.add("answer lost", f"{times} runs with the key of {which}")
        for one in self.all.answers:
            run = self.runs.get(one.run)
            if run is None or run.key != one.key or ORIGINS[run.origin] != triggered[one.call]:
                self.add("answer lost", f"{one}: there is {run}")


# ---- what is printed --------------------------------------------------------------------------

def quantile(sorted_ones, share):
    return sorted_ones[min(len(sorted_ones) - 1, int(len(sorted_ones) * share))]


def table(checker):
    """Rows of a name and a figure, for people."""
    took = sorted(checker.takeovers)
    figures = checker.figures
    faults = Counter(one.what for one in checker.all.troubles if one.of != "machine")
    faults["kill"] = sum(1 for one in checker.all.processes if one.how == "killed")
    rows = [("faults", ", ".join(f"{n} {what}" for what, n in sorted(faults.items()) if n))]
    rows += [
        ("attempts", len(checker.all.attempts)),
        ("instants checked", figures["instants"]),
        ("of these runs", checker.fates["run"]),
        ("recorded without a run", ", ".join(
            f"{n} {what}" for what, n in sorted(checker.fates.items()) if what != "run") or 0),
        ("missing", figures["missed"]),
        ("doubled", figures["doubled"]),
        ("acknowledged and there", figures["acknowledged"]),
        ("ends of zombies accepted", figures["zombie ends accepted"]),
        ("ends that were not counted", figures["zombie ends refused"]),
        ("runs at work on two nodes", figures["two at once"]),
        ("the same, allowed", figures["two at once, allowed"]),
        ("takeovers", f"{figures['takeovers']}, {len(took)} of them with a bound"),
    ]
    if checker.stalls:
        longest = max(one.end - one.begin for one in checker.stalls)
        rows.append(("stalls of the machine", f"{len(checker.stalls)}, up to {seconds(longest)}"))
    if took:
        rows.append(("after p50 / p99 / max", " / ".join(
            seconds(one) for one in (quantile(took, 0.5), quantile(took, 0.99), took[-1]))))
    return rows


def print_result(checker, most=20):
    for name, figure in table(checker):
        print(f"  {name:28} {figure}")
    for rule, times in Counter(one.rule for one in checker.found).items():
        print(f"VIOLATED {rule}: {times} times")
        for one in [one for one in checker.found if one.rule == rule][:most]:
            print(f"    {one.text}")


def main():
    checker = Checker(read_history(sys.argv[1]))
    checker.check()
    print_result(checker)
    sys.exit(bool(checker.found))


if __name__ == "__main__":
    main()
