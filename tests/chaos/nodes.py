"""The nodes: processes of chaos_worker, and the chronicle of what becomes of them."""
import json
import os
import signal
import struct
import subprocess
import threading
import time

from servers import ends_with_us


def boot():
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME)


class Chronicle:
    """chaos.jsonl: see history.py."""

    def __init__(self, folder):
        self.file = open(os.path.join(folder, "chaos.jsonl"), "w", encoding="utf-8", buffering=1)

    def write(self, what, **members):
        self.file.write(json.dumps({"what": what, "boot": boot(), "real": time.time_ns(),
                                    **members}) + "\n")

    def trouble(self, of, kind, begin):
        """That has ended now."""
        self.write("trouble", **{"of": of, "class": kind, "from": begin, "until": boot()})


class Pulse(threading.Thread):
    """Writes down when the machine did not let it run for a while, though it was time: nor did it
    let others, and what is judged by time is judged by that, too."""
    EACH, MOST = 0.05, 0.15

    def __init__(self, chronicle):
        super().__init__(daemon=True)
        self.chronicle = chronicle
        self.start()

    def run(self):
        while True:
            before = boot()
            time.sleep(self.EACH)
            if boot() - before > (self.EACH + self.MOST) * 1e9:
                self.chronicle.trouble("machine", "stall", before)


class Clock:
    """Of one node, shifted by the preloaded library: see clock_ahead.cpp."""

    def __init__(self, path, library):
        self.path, self.library = path, library
        with open(path, "wb") as file:
            file.write(bytes(8))

    def set_ahead(self, seconds):
        with open(self.path, "r+b") as file:
            file.write(struct.pack("q", seconds * 10**9))

    def environment(self):
        return {"LD_PRELOAD": self.library, "CICADA_CLOCK_AHEAD": self.path}


class Node:
    """One place for a process, and the one that is there now."""

    def __init__(self, name, program, folder, chronicle, options, enter=()):
        self.name, self.program, self.folder = name, program, folder
        self.chronicle, self.options, self.enter = chronicle, options, list(enter)
        self.clock = None
        self.process = None
        self.started = 0

    def start(self):
        self.started += 1
        given = {"name": self.name, "seed": self.started,
                 "log": os.path.join(self.folder, f"diary-{self.name}.jsonl"), **self.options}
        command = [*self.enter, self.program, *(f"{name}={what}" for name, what in given.items())]
        environment = {**os.environ, **(self.clock.environment() if self.clock else {})}
        path = os.path.join(self.folder, f"said-{self.name}.txt")
        with open(path, "a", encoding="utf-8") as said:
            self.process = subprocess.Popen(command, stdout=said, stderr=said, env=environment,
                                            preexec_fn=ends_with_us(signal.SIGKILL))
        self.chronicle.write("began", node=self.name, pid=self.process.pid)

    def kill(self):
        if self.process and not self.has_ended_by_itself():
            self.process.kill()
            self._has_died("killed")

    def stop(self):
        if self.process:
            self.process.send_signal(signal.SIGSTOP)

    def go_on(self):
        if self.process:
            self.process.send_signal(signal.SIGCONT)

    def drain(self, patience=20):
        """Whether it ended well when it was asked to."""
        if not self.process or self.has_ended_by_itself():
            return False
        self.process.terminate()
        try:
            is_well = self.process.wait(timeout=patience) == 0
        except subprocess.TimeoutExpired:
            is_well = False
            self.process.kill()
        self._has_died("drained" if is_well else "by itself")
        return is_well

    def has_ended_by_itself(self):
        if self.process is None or self.process.poll() is None:
            return False
        self._has_died("by itself")
        return True

    def _has_died(self, how):
        status = self.process.wait()
        self.chronicle.write("died", node=self.name, pid=self.process.pid, how=how, status=status)
        self.process = None
