#!/usr/bin/env python3
"""Writes a tz database in which every zone has another future: other_future.py <folder>

From 2026 on each zone but those of UTC keeps, without DST, to an offset of its own. What passes
with this database depends on no rule that a parliament may still change: the tests stay in the
past, or have zones of their own.
"""
import datetime, os, pathlib, shutil, struct, sys

turns_at = int(datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc).timestamp())


def rewritten(data):
    """The TZif file (RFC 9636) with a last change of its clocks at turns_at."""
    counts = struct.unpack(">6l", data[20:44])  # isut, isstd, leap, time, type, char

    def size(word):
        isut, isstd, leap, time, kind, char = counts
        return time * (word + 1) + kind * 6 + char + leap * (word + 4) + isstd + isut

    at = 44 + size(4)  # past the block of 32 bits, which nobody reads
    isut, isstd, leap, time, kind, char = counts = struct.unpack(">6l", data[at + 20:at + 44])
    body = data[at + 44:]
    times = struct.unpack(f">{time}q", body[:8 * time])
    kinds = body[8 * time:9 * time]
    types = body[9 * time:9 * time + 6 * kind]
    names = body[9 * time + 6 * kind:9 * time + 6 * kind + char]
    assert leap == 0, "a zone of the tree right/"

    kept = sum(t < turns_at for t in times)
    last = kinds[kept - 1] if kept else 0
    offset = struct.unpack(">lBB", types[6 * last:6 * last + 6])[0] + 1800
    hours, minutes = divmod(abs(offset) // 60, 60)
    footer = f"\n<ANEW>{'-' if offset >= 0 else '+'}{hours}:{minutes:02}\n"

    def block(word, format):
        all_times = [t for t in times[:kept] if word == 8 or t >= -2**31] + [turns_at]
        n = len(all_times)
        return (b"TZif2" + bytes(15) + struct.pack(">6l", 0, 0, 0, n, kind + 1, char + 5)
                + struct.pack(f">{n}{format}", *all_times)
                + kinds[kept + 1 - n:kept] + bytes([kind]) + types
                + struct.pack(">lBB", offset, 0, char) + names + b"ANEW\0")

    return block(4, "l") + block(8, "q") + footer.encode()


source = pathlib.Path(os.environ.get("TZDIR", "/usr/share/zoneinfo"))
target = pathlib.Path(sys.argv[1])
shutil.rmtree(target, ignore_errors=True)
for folder, folders, files in os.walk(source):
    folders[:] = sorted(set(folders) - {"right", "posix"})
    there = target / pathlib.Path(folder).relative_to(source)
    there.mkdir(parents=True)
    for name in files:
        data = (pathlib.Path(folder) / name).read_bytes()
        is_zone = data[:4] == b"TZif" and data[4:5] >= b"2"
        is_utc = data.endswith((b"\nUTC0\n", b"\nGMT0\n")) and data[32:36] == bytes(4)
        (there / name).write_bytes(rewritten(data) if is_zone and not is_utc else data)
