#!/usr/bin/env python3
"""The checker finds what is planted in small histories, and nothing in one that is right."""
import os
import tempfile
import unittest

from checker import Checker
from figures import SECOND, Figures
from history import (FATES, NODE_STATES, STATES, Answer, Attempt, Event, History, Job, JobRow,
                     NodeRow, Process, Run, Stretch, Trouble)

T = 1_800_000_000 * SECOND  # an instant; BOOTTIME is 0 then
OK, FAILED, LOST = (STATES.index(name) for name in ("ok", "failed", "lost"))
MISSED = FATES.index("missed")


class Course:
    """A job of each second, from 0 to 9: 1 to 3 and 6 to 9 run, 4 and 5 are missed. `a` runs the
    even ones and `b` the odd. Each attempt begins 10 ms after its instant, and takes 100 ms."""

    def __init__(self):
        self.lease, self.over_at = 2 * SECOND, T + 20 * SECOND
        self.jobs = [Job("poll", "every 1s", T + 10 * SECOND, "retry", "stop")]
        self.job_rows = [JobRow(1, "poll", T, T + 9 * SECOND, 5, 0)]
        self.runs, self.attempts, self.answers, self.troubles = [], [], [], []
        self.stretches = [Stretch(1, 0, MISSED, T + 4 * SECOND, T + 5 * SECOND, 2, False)]
        self.processes = [Process(node, pid, -60 * SECOND, 60 * SECOND, "drained")
                          for node, pid in (("a", 1), ("b", 2), ("c", 3))]
        self.nodes = [NodeRow(one.pid, one.node, NODE_STATES.index("left"), T + 60 * SECOND,
                              T - 59 * SECOND, T + 60 * SECOND) for one in self.processes]
        self.events = []
        for second in (0, 1, 2, 3, 6, 7, 8, 9):
            self.add_run(second)

    def add_run(self, second, job=1, origin=0, key=""):
        id = len(self.runs) + 1
        at = T + second * SECOND
        node, pid = ("a", 1) if second % 2 == 0 else ("b", 2)
        begin = second * SECOND + SECOND // 100
        end = begin + SECOND // 10
        self.runs.append(Run(id, job, "quick", origin, at, 0, OK, 1, 0, id, at, at, T + end + 1,
                             key, ""))
        self.attempts.append(Attempt(node, pid, id, id, "poll", "scheduled", at, 0, begin,
                                     T + begin, end, "ok", T + end))

    def change(self, of, index, **values):
        rows = getattr(self, of)
        rows[index] = rows[index]._replace(**values)

    def take_over(self, after=0):
        """`a` is killed in the run of 2, 0.3 s after its last renewal. It is evicted half a second
        after its lease is over, the fence of the run is moved at once, and `b` begins it again
        after 1.1 s; all of this so much later. Gives when `a` was evicted."""
        died = self.attempts[2].started + SECOND // 20
        self.processes[0] = Process("a", 1, -60 * SECOND, died, "killed")
        self.change("attempts", 2, ended=None, how="", ended_real=None)
        for i in (4, 6):  # then `c` ran the later ones
            self.change("attempts", i, node="c", pid=3)
        renewed = died - 3 * SECOND // 10
        evicted = renewed + self.lease + SECOND // 2 + after
        self.change("nodes", 0, state=NODE_STATES.index("evicted"), ended_at=T + evicted,
                    lease_until=T + renewed + self.lease)
        self.events += [Event(T + evicted, "evicted", 1, None, None),
                        Event(T + evicted + SECOND // 20, "moved", 3, 1, 3)]
        begin = evicted + 11 * SECOND // 10
        self.attempts.append(self.attempts[2]._replace(
            node="b", pid=2, fence=100, lost=1, started=begin, started_real=T + begin,
            ended=begin + SECOND, how="ok", ended_real=T + begin + SECOND))
        self.change("runs", 2, fence=100, lost=1, ended_at=T + begin + SECOND + 1)
        return evicted

    def history(self):
        attempts = sorted(self.attempts, key=lambda one: one.started)
        return History(self.lease, self.jobs, self.job_rows, self.runs, self.stretches,
                       attempts, self.answers, self.processes, self.troubles, self.nodes,
                       self.events, T, self.over_at)

    def checker(self, grace=0):
        one = Checker(self.history(), grace)
        one.check()
        return one

    def broken(self):
        return [one.rule for one in self.checker().found]


class TheChecker(unittest.TestCase):
    def setUp(self):
        self.course = Course()

    def broken(self, *rules):
        self.assertEqual(self.course.broken(), list(rules))

    def test_finds_nothing_in_what_is_right(self):
        self.broken()
        rows = dict(self.course.checker().figures.table())
        self.assertEqual(rows["instants checked"], 10)
        self.assertEqual(rows["of these runs"], 8)
        self.assertEqual(rows["recorded without a run"], "2 missed")

    def test_finds_an_instant_without_a_decision(self):
        del self.course.stretches[0]
        self.broken("undecided", "undecided")

    def test_finds_an_instant_that_is_a_run_and_in_a_stretch(self):
        self.course.change("stretches", 0, first_at=T + 3 * SECOND, count=3)
        self.broken("decided twice")

    def test_finds_an_instant_that_is_two_runs(self):
        self.course.add_run(2)
        self.broken("decided twice")
        self.course.change("runs", -1, epoch=1)
        self.broken("decided twice")  # no clock went back

    def test_goes_by_the_grid_of_an_interval_and_of_a_calendar(self):
        self.course.change("runs", 1, nominal=T + SECOND + 1)
        self.broken("no instant", "undecided")
        self.course = Course()
        self.course.change("jobs", 0, when='cron("* * * * * *")')
        self.course.change("job_rows", 0, created_at=T - SECOND // 2)
        self.broken()
        self.course.change("jobs", 0, when='cron("*/2 * * * * *")')
        self.assertEqual(self.course.broken().count("no instant"), 5)

    def test_finds_a_stretch_that_counts_wrongly(self):
        self.course.change("stretches", 0, count=3)
        self.broken("miscounted")
        self.course.change("stretches", 0, count=1)
        self.broken("miscounted")
        self.course.change("stretches", 0, is_at_least=True)
        self.broken()

    def test_finds_a_job_that_is_not_there_or_has_not_ended(self):
        self.course.change("job_rows", 0, life=0)
        self.broken("left open")
        self.course.change("job_rows", 0, name="other")
        self.broken("left open")

    def test_finds_a_clock_that_went_back(self):
        self.course.change("stretches", 0, kind=FATES.index("clock_went_back"))
        self.broken("clock went back")

    def test_finds_two_attempts_under_one_fence(self):
        self.course.change("attempts", 1, fence=1)
        self.course.change("runs", 1, fence=1)
        self.broken("same fence")

    def test_finds_a_run_that_has_not_ended(self):
        self.course.change("runs", 0, state=0)
        self.broken("left open")
        self.course.over_at = T - 1  # it was made when all was over
        self.broken()

    def test_knows_a_takeover(self):
        self.course.take_over()
        self.broken()
        checker = self.course.checker()
        self.assertEqual(checker.counts["evicted"], 1)
        self.assertEqual(checker.counts["evicted though well"], 0)
        self.assertEqual(checker.counts["moved"], 1)
        tenth = SECOND // 10
        self.assertEqual(dict(checker.figures.times) | {"late": 0, "stalls": 0}, {
            "evicted": [25 * tenth], "moved": [25 * tenth + tenth // 2],
            "moved after the end": [22 * tenth + tenth // 2],
            "begun again after the end": [33 * tenth], "late": 0, "stalls": 0})

    def test_finds_a_takeover_that_came_too_late(self):
        self.course.take_over(SECOND)
        self.broken("late takeover", "late takeover")  # the eviction, and the fence of the run
        for what in (
                [Trouble("store", "crash", 3 * SECOND, 4 * SECOND)],  # nobody was to be asked
                [Trouble("machine", "stall", 3 * SECOND, 5 * SECOND)],  # nor could anybody
                [Trouble(of, "stop", 2 * SECOND, 4 * SECOND) for of in "bc"],  # nor was there one
                [Trouble("c", "stop", 4 * SECOND, 6 * SECOND)]):  # who may have something locked
            self.course.troubles = what
            self.broken()
        for what in (
                [],
                [Trouble("store", "crash", 6 * SECOND, 7 * SECOND)],
                [Trouble("b", "stop", SECOND, 2 * SECOND)],  # there was `c`, and nothing locked
                [Trouble("b", "clock", 2 * SECOND, 2 * SECOND)]):
            self.course.troubles = what
            self.broken("late takeover", "late takeover")

    def test_gives_no_more_time_than_what_was_in_the_way_has_taken(self):
        evicted = self.course.take_over(3 * SECOND)
        crash_ended = evicted - self.course.lease - SECOND // 2
        self.course.troubles = [Trouble("store", "crash", 2 * SECOND, crash_ended)]
        self.broken()
        self.course.change("troubles", 0, end=crash_ended - SECOND)
        self.broken("late takeover", "late takeover")

    def test_finds_a_fence_that_was_moved_too_late(self):
        self.course.take_over()
        self.course.change("events", 1, at=self.course.events[1].at + SECOND // 2)
        self.broken("late takeover")

    def test_says_so_if_it_was_later_than_promised_but_not_by_more_than_the_machine_may(self):
        self.course.take_over(SECOND)
        one = self.course.checker(grace=2 * SECOND)
        self.assertEqual(one.found, [])
        self.assertEqual(one.counts["later than promised"], 2)

    def test_finds_a_node_that_was_never_evicted(self):
        self.course.take_over()
        self.course.change("nodes", 0, state=NODE_STATES.index("live"), ended_at=None)
        del self.course.events[0]
        self.broken("late takeover")

    def test_finds_a_run_that_was_begun_again_too_late(self):
        self.course.take_over()
        last = self.course.attempts[-1]
        self.course.change("attempts", -1, started=last.started + SECOND)
        self.broken("late start")

    def test_finds_a_run_that_was_begun_again_and_whose_fence_nobody_had_moved(self):
        self.course.take_over()
        del self.course.events[1]
        self.broken("not moved")

    def test_finds_a_run_that_was_changed_after_its_end(self):
        self.course.events = [Event(T + 9 * SECOND, "ended twice", 1, 1, 1)]
        self.broken("ended twice")

    def test_counts_an_eviction_of_a_node_to_which_nothing_was_done(self):
        self.course.take_over()
        self.course.processes[0] = Process("a", 1, -60 * SECOND, 60 * SECOND, "drained")
        self.course.change("attempts", 2, ended=3 * SECOND, how="cancelled")
        self.assertEqual(self.course.checker().counts["evicted though well"], 1)

    def test_finds_the_end_of_a_zombie_in_place_of_that_of_the_run(self):
        self.course.take_over()
        self.course.change("runs", 2, ended_at=self.course.attempts[-1].ended_real - SECOND // 4)
        self.broken("not its end")
        self.assertEqual(self.course.checker().counts["zombie ends accepted"], 1)

    def test_finds_the_end_of_a_zombie_that_was_accepted(self):
        self.course.take_over()
        self.course.change("runs", 2, fence=3)  # the outcome of the first attempt
        self.broken("fence went back", "not its end")
        self.assertEqual(self.course.checker().counts["zombie ends accepted"], 1)

    def test_finds_an_outcome_that_is_not_that_of_the_attempt(self):
        self.course.change("runs", 0, state=FAILED)
        self.broken("not its end")
        self.course.change("attempts", 0, how="failed")
        self.broken()
        self.course.change("runs", 0, state=OK)
        self.broken("not its end")
        self.course.change("runs", 0, fence=100)
        self.broken("not its end")

    def test_finds_a_fence_that_went_back(self):
        self.course.take_over()
        self.course.change("attempts", 2, fence=101)
        self.broken("fence went back", "fence went back",  # of the row, and between the attempts
                    "not moved")

    def test_finds_an_attempt_of_no_run(self):
        self.course.change("attempts", 0, run=99, fence=99)
        self.broken("not its end", "no such run")

    def stop(self):
        """`a` is stopped for four seconds in the run of 2, and `b` takes it over. Gives when `a`
        goes on."""
        self.course.take_over()
        self.course.processes[0] = Process("a", 1, -60 * SECOND, 60 * SECOND, "drained")
        stopped = self.course.attempts[2].started + SECOND // 20
        self.course.troubles = [Trouble("a", "stop", stopped, stopped + 4 * SECOND)]
        return stopped + 4 * SECOND

    def test_knows_that_who_is_stopped_is_not_at_work(self):
        woken = self.stop()
        self.course.change("attempts", 2, ended=woken + SECOND // 100, how="cancelled")
        self.broken()

    def test_counts_the_ends_of_zombies_that_were_refused(self):
        woken = self.stop()
        self.course.change("attempts", 2, ended=woken + SECOND // 100, how="ok")
        self.assertEqual(self.course.checker().counts["zombie ends refused"], 1)

    def test_finds_two_attempts_at_once(self):
        woken = self.stop()
        self.course.change("attempts", 2, ended=woken + 3 * SECOND, how="cancelled")
        self.course.change("attempts", -1, ended=woken + 2 * SECOND)
        self.broken("two at once")
        self.course.change("jobs", 0, when_cut_off="carry_on")
        self.broken()
        self.course.change("jobs", 0, when_cut_off="stop")
        self.course.change("runs", 2, kind="parcel")  # of a job, whatever its kind is called
        self.broken("two at once")
        self.course.change("attempts", 2, ended=None)  # nor has it ended at all
        self.broken("two at once")

    def test_knows_that_a_parcel_is_carried_on_with(self):
        woken = self.stop()
        self.course.change("attempts", 2, ended=woken + 3 * SECOND, job="")
        self.course.change("attempts", -1, ended=woken + 2 * SECOND, job="")
        self.broken("two at once")
        self.course.change("runs", 2, kind="parcel")
        self.broken()

    def test_gives_no_grace_to_who_was_cut_off(self):
        self.stop()
        self.course.change("troubles", 0, what="cut")
        begun = self.course.attempts[-1].started
        self.course.change("attempts", 2, ended=begun - 1, how="cancelled")
        self.broken()
        self.course.change("attempts", 2, ended=begun + 1)
        self.broken("two at once")

    def test_finds_a_start_before_its_time(self):
        self.course.change("attempts", 0, started_real=T - 1)
        self.broken("early")

    def test_finds_a_second_attempt_of_what_is_lost_with_its_worker(self):
        self.course.take_over()
        self.course.change("jobs", 0, on_lost="fail")
        self.broken("again")

    def test_finds_an_answer_that_was_lost(self):
        self.course.add_run(1, job=None, origin=4, key="letter")
        last = len(self.course.runs)
        self.course.answers = [Answer("a", "submit", "letter", last)] * 2
        self.broken()
        self.course.answers.append(Answer("a", "submit", "another", last))
        self.broken("answer lost")
        self.course.answers[-1] = Answer("a", "submit", "letter", last + 1)
        self.broken("answer lost")

    def test_finds_two_runs_with_one_key(self):
        for _ in range(2):
            self.course.add_run(1, job=None, origin=4, key="letter")
        self.broken("answer lost")

    def test_adds_up_the_figures_of_several(self):
        self.course.take_over()
        total = Figures()
        with tempfile.TemporaryDirectory() as folder:
            for _ in range(2):
                self.course.checker().figures.save(os.path.join(folder, "figures"))
                total.add(Figures.load(os.path.join(folder, "figures")))
        rows = dict(total.table())
        self.assertEqual(rows["instants checked"], 20)
        self.assertEqual(rows["recorded without a run"], "4 missed")
        self.assertEqual(rows["fence moved, after that"], "2.550 s / 2.550 s / 2.550 s")

    def test_finds_a_process_that_ended_by_itself(self):
        self.course.change("processes", 0, how="by itself")
        self.broken("ended by itself")


if __name__ == "__main__":
    unittest.main()
