#!/usr/bin/env python3
"""Three workers on one store, of which one is killed and one is stopped; and at the end the proof
that nothing was lost and nothing was done twice. Half a minute: `make cluster-demo`.

demo.py <programs>
"""
import os
import shutil
import sys
import tempfile
import time

import chaos
from checker import Checker
from figures import SECOND
from history import FATES, read_history
from inside import keep_record
from nodes import Chronicle, Node, Pulse, boot
from servers import Pair, Unavailable, url

LEASE = 2
SECONDS = 20


class Demo:
    def __init__(self, programs, folder):
        self.folder = folder
        self.chronicle = Chronicle(folder)
        self.chronicle.write("begin", lease=LEASE * SECOND)
        Pulse(self.chronicle)
        self.began = time.monotonic()
        self.pair = Pair(os.path.join(folder, "servers"), is_alone=True)
        self.pair.start()
        self.until = int(time.time()) + SECONDS
        options = {"url": url([("127.0.0.1", self.pair.primary.port)], "demo"),
                   "lease": f"{LEASE}s", "until": chaos.instant(self.until)}
        self.nodes = [Node(name, os.path.join(programs, "chaos_worker"), folder, self.chronicle,
                           options) for name in ("ann", "bob", "cleo")]

    def say(self, text):
        print(f"{time.monotonic() - self.began:5.1f} s  {text}", flush=True)

    def wait(self, seconds):
        time.sleep(max(0, seconds))
        for one in self.nodes:
            if one.has_ended_by_itself():
                sys.exit(f"{one.name} has ended by itself: see {self.folder}/said-{one.name}.txt")

    def run(self):
        ann, bob, cleo = self.nodes
        self.say(f"PostgreSQL runs on port {self.pair.primary.port}, from an empty folder.")
        for one in self.nodes:
            one.start()
        keep_record(self.pair)
        self.say("ann, bob and cleo begin. Each applies the same 31 jobs, 20 of which are due")
        self.say("five times a second, and submits and triggers runs of its own.")
        self.wait(5)
        ann.kill()
        self.say(f"ann is killed (kill -9). Her lease is over in {LEASE} s, and what she ran is")
        self.say("taken over then.")
        self.wait(4)
        ann.start()
        self.say("ann is back, as another process.")
        self.wait(1)
        stopped = boot()
        bob.stop()
        self.say("bob is stopped (SIGSTOP): he is there, and holds runs, and does nothing.")
        self.wait(2.5 * LEASE)
        bob.go_on()
        self.chronicle.trouble("bob", "stop", stopped)
        self.say("bob goes on, and finds that others have taken over: what he says of the ends")
        self.say("of those runs is refused.")
        chaos.settle(self.pair, self.until, lambda until: self.wait(until - time.time()))
        self.say("The jobs have come to their end, and the workers are asked to end, too.")
        self.chronicle.write("over")
        for one in self.nodes:
            one.drain()
        chaos.write_store(self.pair, self.folder)

    def close(self):
        for one in self.nodes:
            if one.process:
                one.kill()
        self.pair.stop()


def show(checker):
    took = checker.figures.times["begun again after the end"]
    by_node = {name: sum(1 for one in checker.all.attempts if one.node == name)
               for name in sorted({one.node for one in checker.all.attempts})}
    fates = checker.figures.fates
    without = ", ".join(f"{fates[fate]} {fate.replace('_', ' ')}"
                        for fate in FATES if fates[fate])
    counts = checker.counts
    rows = [
        ("attempts", ", ".join(f"{name} {n}" for name, n in by_node.items())),
        ("instants that were due", counts["instants"]),
        ("with a run", fates["run"]),
        ("with a reason for none", without or 0),
        ("lost", counts["missed"]),
        ("twice", counts["doubled"]),
        ("asked for, acknowledged, there", counts["acknowledged"]),
        ("taken over", f"{counts['moved']} runs"),
        ("begun again after, at most", f"{max(took) / SECOND:.1f} s" if took else "-"),
        ("two nodes at work on one run", counts["two at once"]),
        ("ends said too late", f"{counts['zombie ends refused']} refused,"
                               f" {counts['zombie ends accepted']} accepted"),
    ]
    print()
    for name, figure in rows:
        print(f"  {name:32} {figure}")
    print()


def main():
    folder = tempfile.mkdtemp(prefix="cicada-demo-")
    os.chmod(folder, 0o755)
    try:
        demo = Demo(sys.argv[1], folder)
    except Unavailable as e:
        sys.exit(f"cluster-demo: {e}")
    try:
        demo.run()
    finally:
        demo.close()
    checker = Checker(read_history(folder))
    checker.check()
    show(checker)
    for one in checker.found:
        print(f"VIOLATED {one.rule}: {one.text}")
    if checker.found:
        sys.exit(f"see {folder}")
    print("Nothing was lost, and nothing was done twice.")
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
