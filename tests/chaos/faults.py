"""What is done to nodes and to the store, and a plan of it, at random from a seed."""
import random
from typing import NamedTuple

from nodes import boot

# How often each comes in one deck of the plan. Those of a proxy and of a namespace come to the
# nodes that have one.
DECK = {
    "kill": 5, "stop": 5, "clock": 2, "terminate": 2,
    "cut": 2, "cut_out": 1, "cut_in": 1,
    "swallow_up": 1, "swallow_down": 1, "stall": 1, "reset": 1,
    "crash": 2, "fail_over": 1, "exhaust": 1,
}
OF_STORE = ("crash", "fail_over", "exhaust")
OF_PROXY = ("swallow_up", "swallow_down", "stall", "reset")
OF_NAMESPACE = ("cut", "cut_out", "cut_in")
STEPS = (-3600, -600, -5, 0, 5, 600, 3600)  # of a clock, seconds


class Fault(NamedTuple):
    at: float  # seconds
    kind: str
    of: str  # a node, or "store"
    lasts: float
    step: int = 0  # clock


def plan(seed, seconds, lease, kinds, places):
    """Faults of these kinds, none of which begins before one lease or lasts beyond `seconds`.
    `places` says which kinds may come to each node. At any time one node is left alone, and the
    store has one trouble at a time."""
    chance = random.Random(seed)
    faults, busy, deck, at = [], {}, [], lease
    while True:
        at += chance.uniform(0.3, 1.3) * lease
        if not deck:
            deck = [kind for kind in kinds for _ in range(DECK[kind])]
            chance.shuffle(deck)
        kind = deck.pop()
        lasts = {"kill": chance.uniform(0, 1), "stop": chance.uniform(1, 3),
                 "terminate": 0, "clock": 0, "reset": chance.uniform(0.1, 1),
                 "crash": chance.uniform(0.1, 1.5), "fail_over": 0}.get(
                     kind, chance.uniform(0.5, 3)) * lease
        if kind in OF_STORE:
            of, at = "store", max(at, busy.get("store", 0) + 2 * lease)
        else:
            able = [name for name, allowed in places.items() if kind in allowed]
            of = chance.choice(able)
            others = sorted(busy.get(name, 0) for name in places if name != of)
            at = max(at, busy.get(of, 0) + lease / 4, others[0] + lease / 4)
        if at + lasts > seconds:
            return faults
        busy[of] = at + lasts
        faults.append(Fault(at, kind, of, lasts, chance.choice(STEPS)))


class Hand:
    """Does what the plan says. begin() gives what ends it, or None."""

    def __init__(self, pair, nodes, proxies, namespace, chronicle):
        self.pair, self.proxies, self.namespace = pair, proxies, namespace
        self.nodes = {one.name: one for one in nodes}
        self.chronicle = chronicle

    def begin(self, fault):
        """Gives a function that ends it, and whose trouble it was is written down then."""
        began = boot()
        end = getattr(self, "_" + fault.kind)(fault)

        def finish():
            if end:
                end()
            self.chronicle.trouble(fault.of, fault.kind, began)
        return finish

    def _kill(self, fault):
        node = self.nodes[fault.of]
        node.kill()
        return node.start

    def _stop(self, fault):
        node = self.nodes[fault.of]
        node.stop()
        return node.go_on

    def _clock(self, fault):
        self.nodes[fault.of].clock.set_ahead(fault.step)

    def _terminate(self, fault):
        # A server that is on its way up again has no connections to end.
        self.pair.primary.ask("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                              f" WHERE application_name = '{fault.of}'", check=False)

    # ---- the network ----

    def _cut(self, _):
        self.namespace.cut()
        return self.namespace.mend

    def _cut_out(self, _):
        self.namespace.cut_out()
        return self.namespace.mend_out

    def _cut_in(self, _):
        self.namespace.cut_in()
        return self.namespace.mend_in

    def _through(self, fault):
        for one in self.proxies:
            one.mode = fault.kind

        def passes():
            for one in self.proxies:
                one.mode = "pass"
        return passes

    _swallow_up = _swallow_down = _stall = _reset = _through

    # ---- the store ----

    def _crash(self, _):
        server = self.pair.primary
        server.stop()

        def come_back():
            server.start()
            server.wait_until_up()
            self.pair.wait_for_standby()  # before that nothing is committed
        return come_back

    def _fail_over(self, _):
        self.pair.fail_over()

    def _exhaust(self, _):
        """The nodes lose their connections, and find that others have taken them."""
        server = self.pair.primary
        taken = server.fill()
        server.ask("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                   " WHERE application_name <> '' AND usename = 'cicada'")
        taken += server.fill()

        def let_go():
            for one in taken:
                one.close()
        return let_go
