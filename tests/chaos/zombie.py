#!/usr/bin/env python3
"""A worker is stopped in the middle of a run, another takes the run over and completes it; then the
first goes on, and completes it too. Its completion is refused: the outcome is the second's.

zombie.py <programs>

Once with when_cut_off::carry_on, where the first is left to do its work and says that it is done;
and once with when_cut_off::stop, where it is asked to end, and does not listen. What it says then
either never leaves it, or is refused: in the store there is no difference.
"""
import json
import os
import shutil
import sys
import tempfile
import time

from history import ORIGINS, QUERIES, SECOND, STATES
from nodes import Chronicle, Node
from servers import Pair, Unavailable, url

LEASE = 2
WORK = 1.5  # seconds of it


class Story:
    """Of one run, by two nodes."""

    def __init__(self, programs, folder, pair, when_cut_off):
        self.folder, self.pair, self.key = folder, pair, f"zombie-{when_cut_off}"
        os.makedirs(folder)
        options = {"url": url([("127.0.0.1", pair.ports[0])], self.key), "poll": "200ms",
                   "lease": f"{LEASE}s"}
        chronicle = Chronicle(folder)
        self.first, self.second = (
            Node(name, os.path.join(programs, "chaos_worker"), folder, chronicle, options)
            for name in ("first", "second"))
        self.first.options = {**options, "once": f"{self.key},{WORK}s,{when_cut_off}"}

    def tell(self):
        """Gives the row of the run, and the attempts of both nodes as they wrote them down."""
        self.first.start()
        self._wait_for("first", "start")
        time.sleep(WORK / 3)
        self.first.stop()
        self.second.start()
        self._wait_for("second", "end")
        time.sleep(LEASE / 2)  # its completion is stored
        self.first.go_on()
        self._wait_for("first", "end")
        time.sleep(LEASE)  # so is the other's, if it may
        for one in (self.first, self.second):
            assert one.drain(), f"{one.name} does not end well"
        rows = self.pair.rows(QUERIES["run"].format(schema="cicada."))
        return [row for row in rows if row["key"] == self.key], self._said("first"), \
            self._said("second")

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


def check(rows, first, second):
    """What is wrong with it."""
    if len(rows) != 1:
        return [f"there are {len(rows)} runs"]
    row = rows[0]
    if [one["what"] for one in first + second] != ["start", "end"] * 2:
        return [f"each was to run it once: {first}, {second}"]
    late = first[1]["boot"] - second[1]["boot"]
    facts = {
        "it is ok": STATES[row["state"]] == "ok" and ORIGINS[row["origin"]] == "submitted",
        "it counts one loss": row["lost"] == 1,
        "its fence is that of the second": row["fence"] == second[0]["fence"],
        "which is the greater": first[0]["fence"] < second[0]["fence"],
        "both have done all of their work": first[1]["how"] == second[1]["how"] == "ok",
        "the first was the last to be done": late > 0,
        "and its end is not the one that is stored": row["ended_at"] < first[1]["real"],
    }
    print(f"  {row['key']}: the first was done {late / SECOND:.1f} s after the second; fences"
          f" {first[0]['fence']} and {second[0]['fence']}, stored: {row['fence']}")
    return [f"not so: {fact}" for fact, is_so in facts.items() if not is_so]


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
        for when_cut_off in ("carry_on", "stop"):
            story = Story(sys.argv[1], os.path.join(folder, when_cut_off), pair, when_cut_off)
            try:
                problems += check(*story.tell())
            finally:
                for one in (story.first, story.second):
                    if one.process:
                        one.kill()
    finally:
        pair.stop()
    for one in problems:
        print(f"FAILED: {one}")
    if problems:
        sys.exit(f"see {folder}")
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
