"""The figures of a history, or of several: counts, and times in nanoseconds."""
import json
from collections import Counter, defaultdict

SECOND = 10**9


def quantile(sorted_ones, share):
    return sorted_ones[min(len(sorted_ones) - 1, int(len(sorted_ones) * share))]


def seconds(ns):
    return f"{ns / SECOND:.3f} s"


class Figures:
    def __init__(self):
        self.faults = Counter()  # what was done, by its class
        self.fates = Counter()  # of instants
        self.counts = Counter()
        self.times = defaultdict(list)

    def add(self, other):
        for mine, others in ((self.faults, other.faults), (self.fates, other.fates),
                             (self.counts, other.counts)):
            mine.update(others)
        for name, those in other.times.items():
            self.times[name].extend(those)

    def save(self, path):
        with open(path, "w", encoding="utf-8") as file:
            json.dump(vars(self), file)

    @staticmethod
    def load(path):
        read = Figures()
        with open(path, encoding="utf-8") as file:
            there = json.load(file)
        for name in ("faults", "fates", "counts"):
            getattr(read, name).update(there[name])
        read.times.update(there["times"])
        return read

    def _spread(self, name):
        took = sorted(self.times[name])
        if not took:
            return "-"
        return " / ".join(seconds(one) for one in (quantile(took, 0.5), quantile(took, 0.99),
                                                   took[-1]))

    def table(self):
        """Rows of a name and a figure, for people."""
        counts = self.counts
        faults = ", ".join(f"{n} {what}" for what, n in sorted(self.faults.items()))
        without = ", ".join(f"{n} {what}" for what, n in sorted(self.fates.items())
                            if what != "run" and n)
        rows = [
            ("faults", f"{sum(self.faults.values())}: {faults}"),
            ("attempts", counts["attempts"]),
            ("instants checked", counts["instants"]),
            ("of these runs", self.fates["run"]),
            ("recorded without a run", without or 0),
            ("missing", counts["missed"]),
            ("doubled", counts["doubled"]),
            ("acknowledged and there", counts["acknowledged"]),
            ("ends of zombies accepted", counts["zombie ends accepted"]),
            ("ends that were not counted", counts["zombie ends refused"]),
            ("ended a second time", counts["ended twice"]),
            ("runs at work on two nodes", counts["two at once"]),
            ("the same, allowed", counts["two at once, allowed"]),
            ("nodes evicted", counts["evicted"]),
            ("of these not in trouble", counts["evicted though well"]),
            ("later than promised", counts["later than promised"]),
            ("runs taken over", f"{counts['moved']}, {len(self.times['moved'])} of them with"
                                " nothing in the way"),
        ]
        times = [
            ("evicted, after last renewal", "evicted"),
            ("fence moved, after that", "moved"),
            ("  with more in the way", "moved, held up"),
            ("fence moved, after the end", "moved after the end"),
            ("begun again, after the end", "begun again after the end"),
            ("lateness of a start", "late"),
        ]
        rows += [(text, self._spread(name)) for text, name in times if self.times[name]]
        if self.times["stalls"]:
            rows.append(("stalls of the machine", f"{len(self.times['stalls'])}, up to"
                                                  f" {seconds(max(self.times['stalls']))}"))
        return rows

    def print(self):
        for name, figure in self.table():
            print(f"  {name:28} {figure}")
        print("  (times: p50 / p99 / max)")
