"""How long it takes until the runs of a node that is gone are in other hands, and how long it may.

    last renewal        gone            lease over          evicted   fence moved       begun again
         |---------------|------------------|------------------|-----------|-----------------|
         |------------- lease --------------|------------ PROMISE ---------|- pause, PROMISE |

Renewals, evictions and the moves of fences are those that the server has committed and recorded
(inside.py); when a node was gone is what the plan did to it. What was promised is PROMISE after the
lease is over, and there is no more to it than what the plan itself explains:

  - Somebody must be there to do it: another node that for PROMISE on end has no trouble of its own
    and nothing to be patient for, neither of its own nor the store's. It is patient for one lease
    after it has entered, after a trouble of its own, in which it may not have renewed, and after
    the store was away. One whose network was broken has another WAKES_UP before that, until it has
    given up what it had sent.
  - What a process has locked that is stopped or cut off is free half a lease after that.
  - Nobody does anything while the machine does not let them (nodes.Pulse); after so much of that
    that they may not have renewed for half a lease, they are patient as well.

The time goes on when the last of these is over.
"""
from typing import NamedTuple, Optional

from faults import OF_NAMESPACE, OF_PROXY
from figures import SECOND
from history import NodeRow

PROMISE = SECOND
WAKES_UP = 5 * SECOND
FAR = 2**62
BRIEF = ("kill", "clock")  # after which a node is at once as it was, or another one
HOLDS = ("stop", "stall", "swallow_up", "swallow_down", *OF_NAMESPACE)


def spans_without(span, holes):
    """What is left of it, in order."""
    rest = [span]
    for begin, end in holes:
        rest = [(c, d) for a, b in rest for c, d in ((a, min(b, begin)), (max(a, end), b))
                if c < d]
    return rest


class Gone(NamedTuple):
    """A node that was evicted, or ought to be. All in boot."""
    row: NodeRow
    since: Optional[int]  # none: nothing had been done to it
    renewed: int
    due: int  # without anything in the way
    bound: Optional[int]  # none: there was nobody


class Takeovers:
    def __init__(self, history):
        self.all, self.lease = history, history.lease
        self.nodes = {one.id: one for one in history.nodes}
        self.holes_of_all = self._holes_of_all()
        self.duties = [(one.id, span) for one in history.nodes for span in self._duties_of(one)]

    def process_of(self, row):
        entered = self.all.boot_of(row.entered_at)
        return max((one for one in self.all.processes
                    if one.node == row.name and one.began <= entered),
                   key=lambda one: one.began, default=None)

    def _holes_of_all(self):
        stalls = []
        for t in sorted((t for t in self.all.troubles if t.of == "machine"),
                        key=lambda t: t.begin):
            if stalls and t.begin <= stalls[-1][1] + self.lease // 4:
                stalls[-1] = stalls[-1][0], max(t.end, stalls[-1][1])
            else:
                stalls.append((t.begin, t.end))
        away = [(t.begin, t.end + self.lease) for t in self.all.troubles if t.of == "store"]
        return away + [(begin, end + (self.lease if end - begin > self.lease // 4 else 0))
                       for begin, end in stalls]

    def _duties_of(self, row):
        """When it is free to do what others have left."""
        process = self.process_of(row)
        ends = [FAR]
        if row.ended_at is not None:
            ends.append(self.all.boot_of(row.ended_at))
        if process and process.died is not None:
            ends.append(process.died)
        holes = self.holes_of_all + [
            (t.begin, t.end + self.wakes_up(t) + self.lease) for t in self.all.troubles
            if t.of == row.name and t.what not in BRIEF]
        return spans_without((self.all.boot_of(row.entered_at) + self.lease, min(ends)), holes)

    @staticmethod
    def wakes_up(trouble):
        return WAKES_UP if trouble.what in OF_NAMESPACE + OF_PROXY else 0

    def bound_after(self, at, but_for=None):
        """By when somebody does what there is to do from then on. None: nobody was there."""
        while True:
            free = [max(begin, at) for who, (begin, end) in self.duties
                    if who != but_for and max(begin, at) + PROMISE <= end]
            if not free:
                return None
            at = min(free)
            held = max((t.begin + self.lease // 2 for t in self.all.troubles
                        if t.what in HOLDS and t.begin <= at + PROMISE), default=0)
            if held <= at:
                return at + PROMISE
            at = held

    def gone(self, row):
        """The node of that row, as it went."""
        lease_until = self.all.boot_of(row.lease_until)
        renewed = lease_until - self.lease
        until = FAR if row.ended_at is None else self.all.boot_of(row.ended_at)
        begins = [t.begin for t in self.all.troubles
                  if t.of == row.name and t.what not in BRIEF and t.begin <= until
                  and t.end + self.wakes_up(t) >= renewed]
        process = self.process_of(row)
        if process and process.died is not None and process.died <= until:
            begins.append(process.died)
        since = max(min(begins), renewed) if begins else None
        return Gone(row, since, renewed, lease_until + PROMISE,
                    self.bound_after(lease_until, row.id))
