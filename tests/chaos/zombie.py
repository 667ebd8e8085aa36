#!/usr/bin/env python3
"""A worker is stopped in the middle of a run, another takes the run over and completes it; then the
first goes on, and completes it too. Its completion is refused: the outcome is the second's.

zombie.py <programs>

With when_cut_off::carry_on the first is left to do its work, and says that it is done. With stop it
is asked to end, and does not listen. It does so after the second has completed the run, where the
run's state alone would refuse it; and while the second is still at work, where only fence and claim
tell the two apart. As a control, the same once more in a store that looks at neither: that must be
found, or this test would prove nothing.
"""
import json
import os
import shutil
import sys
import tempfile
import time

from checker import BEHIND
from history import ORIGINS, QUERIES, SECOND, STATES
from inside import forget_fences
from nodes import Chronicle, Node
from servers import Pair, Unavailable, url

LEASE = 2
WORK = 3  # seconds of it


# How it is told: a name, when_cut_off, and when the first goes on.
STORIES = (("late", "carry_on", "afterwards"), ("deaf", "stop", "afterwards"),
           ("meanwhile", "carry_on", "meanwhile"), ("deaf-meanwhile", "stop", "meanwhile"))


class Story:
    """Of one run, by two nodes."""

    def __init__(self, programs, folder, pair, told):
        self.key, when_cut_off, self.goes_on = told
        self.folder, self.pair = os.path.join(folder, self.key), pair
        os.makedirs(self.folder)
        options = {"url": url([("127.0.0.1", pair.ports[0])], self.key), "poll": "200ms",
                   "lease": f"{LEASE}s"}
        chronicle = Chronicle(self.folder)
        self.first, self.second = (
            Node(name, os.path.join(programs, "chaos_worker"), self.folder, chronicle, options)
            for name in ("first", "second"))
        self.first.options = {**options, "once": f"{self.key},{WORK}s,{when_cut_off}"}

    def tell(self):
        """Gives the rows of the run, and the attempts of both nodes as they wrote them down."""
        self.first.start()
        self._wait_for("first", "start")
        time.sleep(2 * WORK / 3)
        self.first.stop()
        self.second.start()
        self._wait_for("second", "start")
        if self.goes_on == "afterwards":
            self._wait_for("second", "end")
            time.sleep(LEASE / 2)  # its completion is stored
        self.first.go_on()
        self._wait_for("first", "end")
        self._wait_for("second", "end")
        time.sleep(LEASE)  # so is the other's, if it may
        for one in (self.first, self.second):
            assert one.drain(), f"{one.name} does not end well"
        rows = self.pair.rows(QUERIES["run"].format(schema="cicada."))
        return [row for row in rows if row["key"] == self.key], self._said("first"), \
            self._said("second")

    def close(self):
        for one in (self.first, self.second):
            if one.process:
                one.kill()

    def _said(self, name):
        path = os.path.join(self.folder, f"diary-{name}.jsonl")
        if not os.path.exists(path):
            return []
        with open(path, encoding="utf-8") as file:
            return [one for one in map(json.loads, file) if one["what"] in ("start", "end")]

    def _wait_for(self, name, what):
        give_up = time.monotonic() + 10 * LEASE
        while all(one["what"] != what for one in self._said(name)):
            assert time.monotonic() < give_up, f"{name} writes down no {what}"
            time.sleep(0.02)


def check(story, rows, first, second):
    """What is wrong with it."""
    if len(rows) != 1:
        return [f"there are {len(rows)} runs"]
    row = rows[0]
    if [one["what"] for one in first + second] != ["start", "end"] * 2:
        return [f"each was to run it once: {first}, {second}"]
    late = first[1]["boot"] - second[1]["boot"]
    by_second = (row["ended_at"] - second[1]["real"]) / SECOND
    facts = {
        "it is ok": STATES[row["state"]] == "ok" and ORIGINS[row["origin"]] == "submitted",
        "it counts one loss": row["lost"] == 1,
        "its fence is that of the second": row["fence"] == second[0]["fence"],
        "which is the greater": first[0]["fence"] < second[0]["fence"],
        "both have done all of their work": first[1]["how"] == second[1]["how"] == "ok",
        "they were done in this order": (late > 0) == (story.goes_on == "afterwards"),
        "the end that is stored is the second's": -BEHIND <= by_second * SECOND < abs(late),
    }
    print(f"  {story.key:15} fences {first[0]['fence']} and {second[0]['fence']}, stored"
          f" {row['fence']}; the first was done {late / SECOND:+.1f} s after the second, the end"
          f" stored {by_second:+.3f} s")
    return [f"{story.key}: not so: {fact}" for fact, is_so in facts.items() if not is_so]


def tell(programs, folder, pair, told):
    story = Story(programs, folder, pair, told)
    try:
        return check(story, *story.tell())
    finally:
        story.close()


def main():
    folder = tempfile.mkdtemp(prefix="cicada-zombie-")
    os.chmod(folder, 0o755)
    problems = []
    try:
        pair = Pair(os.path.join(folder, "servers"), is_alone=True)
        pair.start()
    except Unavailable as e:
        sys.exit(f"zombie: {e}")
    try:
        for told in STORIES:
            problems += tell(sys.argv[1], folder, pair, told)
        forget_fences(pair)
        found = tell(sys.argv[1], folder, pair, ("control", "carry_on", "meanwhile"))
        if "control: not so: the end that is stored is the second's" not in found:
            problems.append(f"in a store without fences the zombie is not found: {found}")
    finally:
        pair.stop()
    for one in problems:
        print(f"FAILED: {one}")
    if problems:
        sys.exit(f"see {folder}")
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
