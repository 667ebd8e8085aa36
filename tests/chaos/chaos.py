#!/usr/bin/env python3
"""Real nodes, a real PostgreSQL and its standby, and what breaks them, by a seed; then the checker.

chaos.py <programs> [--seconds 150] [--seed N] [--lease 2] [--jobs 20] [--only kill,stop]
         [--keep FOLDER] [--figures FILE] [--without-fences]

`programs` is the folder of chaos_worker and the preloaded clock. There are three nodes: `a` has a
clock that is right, and reaches the servers directly; `b` is an hour ahead, and goes through a
proxy that can break; `c` is an hour behind, and sits in a network namespace of its own. Each commit
waits for the standby, so that a failover loses nothing that was acknowledged.

A fault lasts up to three leases, and one node is always left alone: faults.py. When they are over,
and the jobs have come to their end, the nodes are asked to end; and what is in the store is checked
against what the nodes have written down: checker.py. Exit status 0: all that is promised was kept.

More than ROUND seconds are done in rounds, each with a seed of its own, servers of its own, and a
check of its own, so that neither memory nor disk grows with their number; the figures are those of
all.

--without-fences is a control: the store looks at no fence and no claim. Exit status 0: it was found
that it had taken the end of a zombie for that of the run.
"""
import argparse
import contextlib
import heapq
import itertools
import json
import math
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time

from checker import Checker, print_result
from faults import DECK, OF_NAMESPACE, OF_PROXY, OF_STORE, Hand, plan
from figures import SECOND, Figures
from history import QUERIES, read_history
from inside import forget_fences, keep_record
from network import Namespace, Proxy
from nodes import Chronicle, Clock, Node, Pulse, boot
from servers import Pair, Unavailable, url

CLOCKS_AHEAD = {"a": 0, "b": 3600, "c": -3600}
ROUND = 900  # seconds


def instant(real):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(real))


def settle(pair, until, wait):
    """Until all jobs have ended, which they do at their `until`, and all runs; or much too long."""
    wait(until)
    open_ones = ("SELECT (SELECT count(*) FROM cicada.job WHERE life <> 5)"
                 " + (SELECT count(*) FROM cicada.run WHERE state < 2)")
    give_up = time.monotonic() + 60
    while time.monotonic() < give_up:
        if pair.primary.ask(open_ones, database="chaos") == ["0"]:
            return
        wait(time.time() + 0.5)


def write_store(pair, folder):
    with open(os.path.join(folder, "store.jsonl"), "w", encoding="utf-8") as file:
        for name, query in QUERIES.items():
            for row in pair.rows(query.format(schema="cicada.")):
                file.write(json.dumps({"table": name, **row}) + "\n")


class Chaos:
    def __init__(self, options, folder):
        self.options, self.folder = options, folder
        self.chronicle = Chronicle(folder)
        self.chronicle.write("begin", lease=int(options.lease * SECOND), seed=options.seed)
        Pulse(self.chronicle)
        self.left_out = []
        with contextlib.ExitStack() as when_it_fails:
            self.namespace = self._namespace()
            if self.namespace:
                when_it_fails.callback(self.namespace.close)
            here = [self.namespace.here] if self.namespace else []
            self.pair = Pair(os.path.join(folder, "servers"), ["127.0.0.1", *here])
            when_it_fails.callback(self.pair.stop)
            self.pair.start()
            when_it_fails.pop_all()
        self.proxies = [Proxy(port, lingers=2 * options.lease) for port in self.pair.ports]
        self.until = int(time.time() + options.seconds) + 1
        self.nodes = [self._node(name) for name in "abc"]
        self.hand = Hand(self.pair, self.nodes, self.proxies, self.namespace, self.chronicle)

    def _namespace(self):
        try:
            return Namespace()
        except Unavailable as e:
            self.left_out.append(f"{', '.join(OF_NAMESPACE)} ({e})")
            return None

    def _hosts(self, name):
        if name == "b":
            return [("127.0.0.1", one.port) for one in self.proxies]
        if name == "c" and self.namespace:
            return [(self.namespace.here, port) for port in self.pair.ports]
        return [("127.0.0.1", port) for port in self.pair.ports]

    def _node(self, name):
        options = {"url": url(self._hosts(name), name), "lease": f"{self.options.lease:g}s",
                   "poll": "500ms", "jobs": self.options.jobs, "until": instant(self.until)}
        enter = self.namespace.enter() if name == "c" and self.namespace else ()
        node = Node(name, os.path.join(self.options.programs, "chaos_worker"), self.folder,
                    self.chronicle, options, enter)
        node.clock = Clock(os.path.join(self.folder, f"clock-{name}"),
                           os.path.join(self.options.programs, "libchaos_clock_ahead.so"))
        node.clock.set_ahead(CLOCKS_AHEAD[name])
        return node

    def _plan(self):
        kinds = [one for one in DECK if self.namespace or one not in OF_NAMESPACE]
        if self.options.only:
            kinds = [one for one in kinds if one in self.options.only.split(",")]
        any_node = {one for one in kinds if one not in OF_STORE + OF_PROXY + OF_NAMESPACE}
        places = {"a": any_node, "b": any_node | set(OF_PROXY), "c": any_node | set(OF_NAMESPACE)}
        return plan(self.options.seed, self.options.seconds - 2 * self.options.lease,
                    self.options.lease, kinds, places)

    def run(self):
        for one in self.nodes:
            one.start()
        keep_record(self.pair)
        if self.options.without_fences:
            forget_fences(self.pair)
        began = time.monotonic()
        order = itertools.count()
        busy = set()  # whom something is done to: what takes longer puts off what comes next
        todo = [(fault.at, next(order), fault, None) for fault in self._plan()]
        heapq.heapify(todo)
        while todo:
            at, _, fault, finish = heapq.heappop(todo)
            self._watch(began + at)
            if finish:
                finish()
                busy.discard(fault.of)
                if fault.kind == "fail_over":
                    self._attach()
                continue
            now = time.monotonic() - began
            if fault.of in busy:
                heapq.heappush(todo, (now + 0.1, next(order), fault, None))
                continue
            print(f"{now:7.1f} s  {fault.kind:12} {fault.of}"
                  + (f" for {fault.lasts:.1f} s" if fault.lasts else "")
                  + (f" to {fault.step} s ahead" if fault.kind == "clock" else ""), flush=True)
            busy.add(fault.of)
            finish = self.hand.begin(fault)
            ends = time.monotonic() - began + fault.lasts
            heapq.heappush(todo, (ends, next(order), fault, finish))
        self._settle()

    def _attach(self):
        """Where the other server was there is nobody meanwhile. A proxy takes a connection all the
        same, and closes it: libpq does not go on to the next host after that."""
        began = boot()
        self.pair.attach()
        self.chronicle.trouble("b", "behind", began)

    def _watch(self, until):
        """Waits. A node that ends by itself is a finding, and begins anew."""
        while True:
            for one in self.nodes:
                if one.has_ended_by_itself():
                    print(f"           {one.name} has ended by itself", flush=True)
                    one.start()
            left = until - time.monotonic()
            if left <= 0:
                return
            time.sleep(min(left, 0.2))

    def _settle(self):
        settle(self.pair, self.until,
               lambda until: self._watch(time.monotonic() + until - time.time()))
        self.chronicle.write("over")
        for one in self.nodes:
            one.drain()

    def close(self):
        for one in self.nodes:
            if one.process:
                one.kill()
        self.pair.stop()
        if self.namespace:
            self.namespace.close()


def parse():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("programs")
    parser.add_argument("--seconds", type=float, default=150)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--lease", type=float, default=2)
    parser.add_argument("--jobs", type=int, default=20)
    parser.add_argument("--only", help="kinds of faults, with commas between")
    parser.add_argument("--keep", help="a folder for all that was written down")
    parser.add_argument("--figures", help="a file for the figures")
    parser.add_argument("--grace", type=float, default=0,
                        help="seconds that a takeover may be late, on a busy machine")
    parser.add_argument("--without-fences", action="store_true", help="a control")
    return parser.parse_args()


def size_of(folder):
    return sum(os.lstat(os.path.join(path, name)).st_size
               for path, _, names in os.walk(folder) for name in names)


def check(folder, grace):
    began = time.monotonic()
    checker = Checker(read_history(folder), grace)
    checker.check()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    print(f"checked in {time.monotonic() - began:.1f} s, with {peak} MiB of memory,"
          f" from {size_of(folder) >> 20} MiB of disk, servers included")
    print_result(checker)
    return checker


def one_round(options):
    """Whether all was as it should be."""
    folder = options.keep or tempfile.mkdtemp(prefix="cicada-chaos-")
    os.makedirs(folder, exist_ok=True)
    if os.listdir(folder):
        sys.exit(f"chaos: {folder} is not empty")
    os.chmod(folder, 0o755)
    print(f"seed {options.seed}: {options.seconds:g} s, lease {options.lease:g} s, in {folder}")
    try:
        chaos = Chaos(options, folder)
    except Unavailable as e:
        sys.exit(f"chaos: {e}")
    for one in chaos.left_out:
        print(f"LEFT OUT: {one}")
    try:
        chaos.run()
        write_store(chaos.pair, folder)
    finally:
        chaos.close()
    checker = check(folder, int(options.grace * SECOND))
    if options.figures:
        checker.figures.save(options.figures)
    if chaos.left_out:
        print(f"LEFT OUT: {'; '.join(chaos.left_out)}")
    if options.without_fences:
        is_well = checker.counts["zombie ends accepted"] > 0
        verdict = "the zombies were found" if is_well else f"NO ZOMBIE WAS FOUND: see {folder}"
    else:
        is_well = not checker.found
        verdict = "all was kept" if is_well else f"{len(checker.found)} violations: see {folder}"
    if is_well and not options.keep:
        shutil.rmtree(folder)
    print(f"seed {options.seed}: {verdict}", flush=True)
    return is_well


def rounds(options):
    """Each by a process of its own, which takes with it all that it had."""
    number = math.ceil(options.seconds / ROUND)
    seeds = random.Random(options.seed)
    print(f"seed {options.seed}: {options.seconds:g} s in {number} rounds", flush=True)
    total, failed = Figures(), []
    with tempfile.TemporaryDirectory(prefix="cicada-chaos-") as folder:
        for i in range(number):
            seed = seeds.randrange(10**6)
            file = os.path.join(folder, str(i))
            command = [sys.executable, __file__, options.programs, "--seed", str(seed),
                       "--seconds", str(options.seconds / number), "--lease", str(options.lease),
                       "--jobs", str(options.jobs), "--grace", str(options.grace),
                       "--figures", file]
            if options.only:
                command += ["--only", options.only]
            if options.keep:
                command += ["--keep", os.path.join(options.keep, str(i))]
            if subprocess.run(command, check=False).returncode:
                failed.append(seed)
            if os.path.exists(file):
                total.add(Figures.load(file))
    print(f"all of seed {options.seed}, {options.seconds:g} s, lease {options.lease:g} s:")
    total.print()
    verdict = f"these seeds have failed: {failed}" if failed else "all was kept"
    print(f"seed {options.seed}: {verdict}")
    return not failed


def main():
    options = parse()
    is_well = rounds(options) if options.seconds > ROUND else one_round(options)
    sys.exit(not is_well)


if __name__ == "__main__":
    main()
