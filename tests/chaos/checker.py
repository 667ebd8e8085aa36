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
    late takeover     G4: a node that is gone was not evicted, or the fence of a run of its not
                      moved, a second after its lease was over: takeovers.py says when later
    late start        G4: nor was that run begun again, a second after its pause
    not moved         G3: it was begun again, and nobody had taken it from a node that died with it
    ended twice       G3: a run that had ended was changed
    two at once       G5: two attempts of one run at work, and its job is to stop when cut off
    early             it began before its instant, by the server's clock
    answer lost       what was acknowledged is not there, or is another run
    left open         a job or a run has not ended, long after it should have
    ended by itself   a node's process did, with nobody asking it to

`grace` (ns) is how much later than promised a takeover and a start may come before they are a
violation, for a machine that has other work: a promise in seconds is not one for it.

Two at once: an attempt is at work from its start to its end, or to its process's death. While its
process is stopped (SIGSTOP) it is not, nor for WAKING afterwards: so long a process may take to see
that its lease is over, and to ask the handler to end.
What the machine itself did not let anybody run (nodes.Pulse) is added to that.
"""
import sys
from collections import Counter, defaultdict
from typing import NamedTuple

from faults import DECK
from figures import SECOND, Figures, seconds
from history import FATES, LIVES, NODE_STATES, ORIGINS, STATES, read_history
from takeovers import FAR, Takeovers, spans_without

WAKING = SECOND
BEHIND = SECOND // 8  # a transaction is of a moment before its beginning: ADR 15
PAUSE = SECOND  # between the first loss of a run and its next attempt; twice that after the second


class Violation(NamedTuple):
    rule: str
    text: str


def overlap_of(some, others):
    return max([min(b, d) - max(a, c) for a, b in some for c, d in others], default=0)


class Checker:
    def __init__(self, history, grace=0):
        self.all = history
        self.grace = grace
        self.found = []
        self.figures = Figures()
        self.counts = self.figures.counts
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
        self.check_takeovers()
        self.check_starts()
        self.check_answers()
        for one in self.all.processes:
            if one.how == "by itself":
                self.add("ended by itself", f"{one}")
        self.count()
        return self.found

    def count(self):
        self.counts["attempts"] = len(self.all.attempts)
        self.figures.faults.update(one.what for one in self.all.troubles
                                   if one.of != "machine" and one.what in DECK)
        self.figures.times["stalls"] = [one.end - one.begin for one in self.stalls]

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
        self.figures.fates["run"] += len(runs)
        for one in stretches:
            self.figures.fates[FATES[one.kind]] += one.count
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
            self.counts["instants"] += 1
            if fates == 0:
                self.counts["missed"] += 1
                self.add("undecided", f"{job.name} at {nominal}")
            elif fates > 1:
                self.counts["doubled"] += 1
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
        if state in ("ok", "failed") and by_it and by_it.how == state:
            # else it was another's
            is_its_end = is_its_end and by_it.ended_real <= run.ended_at + BEHIND
        if not is_its_end:
            self.counts["zombie ends accepted"] += 1
            self.add("not its end", f"{what}: {by_it or attempts}")
        self.counts["zombie ends refused"] += sum(
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
        job, run = self.jobs.get(attempts[0].job), self.runs.get(attempts[0].run)
        may_be_two = (job.when_cut_off == "carry_on" if job
                      else run is not None and run.kind == "parcel")
        for i, one in enumerate(attempts):
            for other in attempts[i + 1:]:
                both = overlap_of(self.at_work(one), self.at_work(other))
                if both <= 0:
                    continue
                self.counts["two at once, allowed" if may_be_two else "two at once"] += 1
                if not may_be_two:
                    self.add("two at once", f"{self.text(one)} and {self.text(other)},"
                                            f" for {seconds(both)}")

    def check_takeovers(self):
        takeovers = Takeovers(self.all)
        gone = {}
        evicted_at = {e.id: self.all.boot_of(e.at) for e in self.all.events if e.what == "evicted"}
        for row in self.all.nodes:
            process = takeovers.process_of(row)
            is_dead = process is not None and process.how == "killed"
            state = NODE_STATES[row.state]
            if state == "evicted" or (state == "live" and is_dead):
                gone[row.id] = takeovers.gone(row)
                self.check_eviction(gone[row.id], evicted_at.get(row.id))
        moves = [e for e in self.all.events if e.what == "moved"]
        moved = {(e.id, e.fence) for e in moves}
        last_fence = {e.id: e.fence for e in moves}
        for e in moves:
            self.check_move(e, gone.get(e.node))
            if e.fence == last_fence[e.id]:  # else another had it, who has begun nothing
                self.check_next(e, gone.get(e.node), takeovers)
        for e in self.all.events:
            if e.what == "ended twice":
                self.counts["ended twice"] += 1
                self.add("ended twice", f"run {e.id}, fence {e.fence}")
        for attempts in self.of_run.values():
            for one, other in zip(attempts, attempts[1:]):
                if one.how == "" and (one.run, one.fence) not in moved:
                    self.add("not moved", f"{self.text(one)}, then {self.text(other)}")

    def check_eviction(self, gone, at):
        over = self.all.boot_of(self.all.over_at)
        if at is not None:
            self.counts["evicted"] += 1
            self.figures.times["evicted"].append(at - gone.renewed)
            if gone.since is None:
                self.counts["evicted though well"] += 1
        if self.is_late(over if at is None else at, gone.bound):
            late = "never" if at is None else f"{seconds(at - gone.renewed)} after its last renewal"
            self.add("late takeover", f"{gone.row}: evicted {late},"
                                      f" not {seconds(gone.bound - gone.renewed)}")

    def is_late(self, at, bound):
        if bound is None or at <= bound:
            return False
        self.counts["later than promised"] += 1
        return at > bound + self.grace

    def check_move(self, event, gone):
        """gone: none, if a node that lives has itself given up what it did not know of."""
        at = self.all.boot_of(event.at)
        times = self.figures.times
        self.counts["moved"] += 1
        if gone:
            is_plain = gone.bound == gone.due
            times["moved" if is_plain else "moved, held up"].append(at - gone.renewed)
            if gone.since is not None:
                times["moved after the end"].append(at - gone.since)
            if self.is_late(at, gone.bound):
                self.add("late takeover",
                         f"run {event.id}, fence {event.fence}, of {gone.row}: moved"
                         f" {seconds(at - gone.renewed)} after its last renewal,"
                         f" not {seconds(gone.bound - gone.renewed)}")

    def check_next(self, event, gone, takeovers):
        at = self.all.boot_of(event.at)
        attempts = self.of_run.get(event.id, [])
        before = next((one for one in attempts if one.fence == event.fence), None)
        after = next((one for one in attempts if one.fence > event.fence), None)
        if not before or not after:
            return
        if gone and gone.since is not None:
            self.figures.times["begun again after the end"].append(after.started - gone.since)
        bound = takeovers.bound_after(at + (PAUSE << before.lost))
        if self.is_late(after.started, bound):
            self.add("late start", f"{self.text(before)}, moved, then {self.text(after)}"
                                   f" {seconds(after.started - at)} later,"
                                   f" not {seconds(bound - at)}")

    # ---- and ------------------------------------------------------------------------------------

    def check_starts(self):
        for attempts in self.of_run.values():
            one = attempts[0]
            if one.origin == "scheduled" and one.job.startswith("tick"):
                self.figures.times["late"].append(one.started_real - one.nominal)
        for one in self.all.attempts:
            if one.origin in ("scheduled", "submitted") and one.started_real < one.nominal:
                self.add("early", f"{self.text(one)},"
                                  f" by {seconds(one.nominal - one.started_real)}")

    def check_answers(self):
        self.counts["acknowledged"] = len(self.all.answers)
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


def print_result(checker, most=20):
    checker.figures.print()
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
