#!/usr/bin/env python3
"""The checker finds what is planted in small histories, and nothing in one that is right."""
import unittest

from checker import Checker, table
from history import (FATES, SECOND, STATES, Answer, Attempt, History, Job, JobRow, Process, Run,
                     Stretch, Trouble)

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
        for second in (0, 1, 2, 3, 6, 7, 8, 9):
            self.add_run(second)

    def add_run(self, second, job=1, origin=0, key=""):
        id = len(self.runs) + 1
        at = T + second * SECOND
        self.runs.append(Run(id, job, "quick", origin, at, 0, OK, 1, 0, id, at, at, at, key,
                             ""))
        node, pid = ("a", 1) if second % 2 == 0 else ("b", 2)
        begin = second * SECOND + SECOND // 100
        self.attempts.append(Attempt(node, pid, id, id, "poll", "scheduled", at, 0, begin,
                                     T + begin, begin + SECOND // 10, "ok"))

    def change(self, of, index, **values):
        rows = getattr(self, of)
        rows[index] = rows[index]._replace(**values)

    def take_over(self, after):
        """`a` is killed in the run of 2, and `b` begins it again so long after that."""
        died = self.attempts[2].started + SECOND // 20
        self.processes[0] = Process("a", 1, -60 * SECOND, died, "killed")
        self.change("attempts", 2, ended=None, how="")
        for i in (4, 6):  # then `c` ran the later ones
            self.change("attempts", i, node="c", pid=3)
        begin = died + after
        self.attempts.append(self.attempts[2]._replace(
            node="b", pid=2, fence=100, lost=1, started=begin, started_real=T + begin,
            ended=begin + SECOND, how="ok"))
        self.change("runs", 2, fence=100, lost=1)

    def history(self):
        attempts = sorted(self.attempts, key=lambda one: one.started)
        return History(self.lease, self.jobs, self.job_rows, self.runs, self.stretches,
                       attempts, self.answers, self.processes, self.troubles, self.over_at)

    def checker(self):
        one = Checker(self.history())
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
        rows = dict(table(self.course.checker()))
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
        self.course.take_over(2 * SECOND)
        self.broken()
        self.assertEqual(self.course.checker().takeovers, [2 * SECOND])

    def test_finds_a_takeover_that_came_too_late(self):
        self.course.take_over(5 * SECOND)
        self.broken("late takeover")
        self.course.troubles = [Trouble("store", "crash", 3 * SECOND, 4 * SECOND)]
        self.broken()  # there was nobody to be asked
        self.course.troubles = [Trouble("machine", "stall", 3 * SECOND, 4 * SECOND)]
        self.broken()  # nor could anybody
        self.course.troubles = [Trouble(of, "stop", 3 * SECOND, 4 * SECOND) for of in "bc"]
        self.broken()  # there was nobody to do it

    def test_finds_the_end_of_a_zombie_that_was_accepted(self):
        self.course.take_over(2 * SECOND)
        self.course.change("runs", 2, fence=3)  # the outcome of the first attempt
        self.broken("fence went back", "not its end")
        self.assertEqual(self.course.checker().figures["zombie ends accepted"], 1)

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
        self.course.take_over(2 * SECOND)
        self.course.change("attempts", 2, fence=101)
        self.broken("fence went back", "fence went back")  # of the row, and between the attempts

    def test_finds_an_attempt_of_no_run(self):
        self.course.change("attempts", 0, run=99, fence=99)
        self.broken("not its end", "no such run")

    def stop(self):
        """`a` is stopped for four seconds in the run of 2, and `b` takes it over. Gives when `a`
        goes on."""
        self.course.take_over(3 * SECOND)
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
        self.assertEqual(self.course.checker().figures["zombie ends refused"], 1)

    def test_finds_two_attempts_at_once(self):
        woken = self.stop()
        self.course.change("attempts", 2, ended=woken + 3 * SECOND, how="cancelled")
        self.course.change("attempts", -1, ended=woken + 2 * SECOND)
        self.broken("two at once")
        self.course.change("jobs", 0, when_cut_off="carry_on")
        self.broken()
        self.course.change("jobs", 0, when_cut_off="stop")
        self.course.change("attempts", 2, ended=None)  # nor has it ended at all
        self.broken("two at once")

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
        self.course.take_over(2 * SECOND)
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

    def test_finds_a_process_that_ended_by_itself(self):
        self.course.change("processes", 0, how="by itself")
        self.broken("ended by itself")


if __name__ == "__main__":
    unittest.main()
