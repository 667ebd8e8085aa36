#!/usr/bin/env python3
"""Runs the command and compares what it prints, says and returns: command.py <the command>"""
import json, os, pty, re, shutil, subprocess, sys, tempfile

command = os.path.abspath(sys.argv[1])
work = tempfile.mkdtemp()
os.chdir(work)
failures = 0
checks = 0
environment = dict(os.environ, TZ="Europe/Berlin", LC_ALL="C.UTF-8", TERM="xterm")
environment.pop("NO_COLOR", None)


def check(what, is_so, seen=""):
    global failures, checks
    checks += 1
    if not is_so:
        failures += 1
        print(f"FAILED: {what}\n{seen}")


def run(*arguments, **variables):
    return subprocess.run([command, *arguments], env={**environment, **variables},
                          capture_output=True, text=True, timeout=60)


def expect(arguments, status=0, out=None, err=None, holds=(), says=()):
    """Exactly `out` and `err` where given; `holds`: parts of the output, `says`: of messages."""
    r = run(*arguments)
    seen = f"status {r.returncode}\n{r.stdout}{r.stderr}"
    name = " ".join(arguments)
    check(f"{name}: status {status}", r.returncode == status, seen)
    check(f"{name}: output", out is None or r.stdout == out, f"expected\n{out}{seen}")
    check(f"{name}: messages", err is None or r.stderr == err, f"expected\n{err}{seen}")
    for part in holds:
        check(f"{name}: prints {part!r}", part in r.stdout, seen)
    for part in says:
        check(f"{name}: says {part!r}", part in r.stderr, seen)
    if status != 2:
        check(f"{name}: no error", "error:" not in r.stderr, seen)
    return r.stdout


# next: what it prints, for each option
berlin = ["--tz", "Europe/Berlin"]
for arguments, out in [
    (["0 7 * * MON-FRI", *berlin, "--after", "2015-03-28T12:00:00Z"],
     "2015-03-30T07:00:00+02:00\n"),
    (["0 7 * * *", "--after", "2015-03-28"], "2015-03-28T07:00:00+01:00\n"),  # the system's zone
    (["0 7 * * *", "--tz", "UTC", "--after=2015-03-28T07:00:00Z"], "2015-03-29T07:00:00Z\n"),
    (["0 7 * * *", *berlin, "--after", "2015-03-28", "--utc"], "2015-03-28T06:00:00Z\n"),
    (["30 2 * * *", *berlin, "--after", "2015-03-28T12:00", "-n", "2"],
     "2015-03-29T03:00:00+02:00\n"
     "2015-03-30T02:30:00+02:00\n"),
    (["30 2 * * *", *berlin, "--after", "2015-03-28T12:00", "--gap", "skip"],
     "2015-03-30T02:30:00+02:00\n"),
    (["*/30 2 * * *", *berlin, "--after", "2015-10-25", "--count", "4"],
     "2015-10-25T02:00:00+02:00\n"
     "2015-10-25T02:30:00+02:00\n"
     "2015-10-25T02:00:00+01:00\n"
     "2015-10-25T02:30:00+01:00\n"),
    (["0 0 12 LW * ?", "--dialect", "quartz", "--tz", "UTC", "--after", "2026-05-01"],
     "2026-05-29T12:00:00Z\n"),
    (["0 0 0 1 1 * 2199", "--tz", "UTC", "--after", "2026-01-01", "--count", "9"],
     "2199-01-01T00:00:00Z\n"),  # fewer than asked for
    (["--tz", "UTC", "--after", "2026-01-01", "--", "0 7 * * *"], "2026-01-01T07:00:00Z\n"),
    (["0 7 * * *", "--tz", "Africa/Monrovia", "--after", "1971-01-01"],
     "1971-01-01T07:44:30Z\n"),  # an offset with seconds
]:
    expect(["next", *arguments], out=out)
hashed = [expect(["next", "H H * * *", "--name", n, "--tz", "UTC", "--after", "2026-01-01"])
          for n in ("a", "b", "a")]
check("H depends on the name and on nothing else", hashed[0] == hashed[2] != hashed[1], str(hashed))
check("default --after is now", expect(["next", "* * * * *", "--utc"]) > "2026-01-01")

# next: nothing to tell
expect(["next", "0 0 30 2 *"], status=1, out="", err='cicada: "0 0 30 2 *" never comes\n')
expect(["next", "0 0 0 1 1 * 2020", "--tz", "UTC"], status=1, out="",
       err='cicada: "0 0 0 1 1 * 2020" does not come again: '
           "the last time was 2020-01-01T00:00:00Z\n")
expect(["next", "@reboot"], status=1, out="", says=["an event, not a time"])

# mistakes: status 2, nothing printed, and the caret under the column
for arguments, err in [
    (["next", "30 25 * * *"],
     "cicada: error: PATTERN, column 4: expected an hour from 0 to 23\n"
     " | 30 25 * * *\n"
     " |    ^~\n"),
    (["next", "0/15 * * * *"],
     "cicada: error: PATTERN, column 1: expected '*' or a range before '/'\n"
     " | 0/15 * * * *\n"
     " | ^\n"
     " = help: write 0-59/15\n"),
    (["next", "0 7 * * ü5"],
     "cicada: error: PATTERN, column 9: expected a day of the week from 0 to 7 or SUN to SAT\n"
     " | 0 7 * * ü5\n"
     " |         ^\n"
     " = help: a pattern is of ASCII characters only\n"),
    (["next", "0 7 * * 1-5", "--tz", "Europe/Berln"],
     'cicada: error: --tz, column 1: there is no time zone "Europe/Berln"\n'
     " | Europe/Berln\n"
     " | ^~~~~~~~~~~~\n"
     ' = help: did you mean "Europe/Berlin" or "Europe/Dublin" or "Europe/Jersey"?\n'),
    (["next", "0 7 * * *", "--after", "2026-13-01"],
     "cicada: error: --after, column 6: expected a month from 1 to 12\n"
     " | 2026-13-01\n"
     " |      ^~\n"),
    (["next", "0 7 * * *", "--gap", "jump"],
     "cicada: error: --gap, column 1: expected run or skip\n"
     " | jump\n"
     " | ^~~~\n"),
    (["next", "0 7 * * *", "--coutn", "3"],
     "cicada: error: there is no option --coutn\n"
     " = help: did you mean --count?\n"),
    (["next", "0", "7", "*", "*", "MON-FRI"],
     "cicada: error: PATTERN: expected one argument, found 5\n"
     " = help: quote the pattern: '0 7 * * MON-FRI'\n"),
    (["nxet", "0 7 * * *"],
     'cicada: error: there is no command "nxet"\n'
     " = help: did you mean next?\n"),
    (["simulate", "nowhere.toml"],
     "cicada: error: nowhere.toml: cannot be read: No such file or directory\n"),
]:
    expect(arguments, status=2, out="", err=err)
for arguments, says in [
    (["next"], ["PATTERN is required", "cicada next --help"]),
    ([], ["cicada --help"]),
    (["next", ""], ["column 1", "5, 6 or 7 fields"]),
    (["next", "0", "7", "a.txt", "b.txt", "1"], ["the shell replaces *"]),
    (["next", "--", "-5 * * * *"], ["column 1", "a minute from 0 to 59", " | ^"]),
    (["next", "-5 * * * *"], ["column 1"]),
    (["next", "* * * * *", "--count", "0"], ["--count", "1000000"]),
    (["next", "* * * * *", "--count", "x"], ["--count"]),
    (["next", "* * * * *", "--count"], ["--count"]),
    (["next", "* * * * *", "--dialect", "vixie"], ["expected ocps or quartz"]),
    # all of them
    (["next", "99 * * * *", "--tz", "X", "--gap", "y"], ["PATTERN, column 1", "--tz", "--gap"]),
    # no options any more
    (["next", "--", "* * * * *", "--count", "1"], ["expected one argument, found 3"]),
    (["next", "0 0 1 1 * 2027"], ["column 11", "write 0 0 0 1 1 * 2027"]),
    (["next", "H * * * *"], ["give one with --name"]),
    (["next", "0 0 12 LW * ?"], ["say --dialect quartz"]),
    # no control character reaches the terminal
    (["next", "0 7\033[31m * * *"], [" | 0 7?[31m * * *"]),
    (["explain", "61 * * * *"], ["a minute from 0 to 59", " | ^~"]),
    (["simulate", "."], ["cannot be read"]),
    (["completion", "tcsh"], ["expected bash, zsh or fish", "^~~~"]),
    (["pressure"], ["FILE is required"]),
]:
    expect(arguments, status=2, out="", says=says)
r = run("next", "* * * * *", TZ="Nowhere/Land")
check("a wrong TZ is an error", r.returncode == 2 and "environment variable TZ" in r.stderr,
      r.stderr)

# JSON is JSON
n = json.loads(expect(["next", "0 7 * * 1-5", *berlin, "--after", "2015-03-27T12:00", "-n", "2",
                       "--json"]))
check("next --json", n["pattern"] == "0 7 * * 1-5" and n["zone"] == "Europe/Berlin"
      and len(n["instants"]) == 2
      and n["instants"][0] == {"at": "2015-03-30T07:00:00+02:00", "utc": "2015-03-30T05:00:00Z",
                               "unix": 1427691600}, str(n))
n = json.loads(expect(["next", "0 0 30 2 *", "--json"], status=1))
check("next --json of nothing", n["instants"] == [], str(n))
e = json.loads(expect(["explain", "30 2 13 * 5", *berlin, "--after", "2015-03-01", "--json"]))
check("explain --json", len(e["next"]) == 5 and e["remarks"][0]["level"] == "warning"
      and set(e) == {"pattern", "zone", "sentence", "next", "clock_changes", "remarks"}, str(e))

# explain
expect(["explain", "30 2 * * *", *berlin, "--after", "2015-03-28T20:18:00+01:00", "-n", "1"], out=
       "At 02:30 every day, in Europe/Berlin.\n"
       "pattern    30 2 * * *\n"
       "next       Sun 2015-03-29T03:00:00+02:00  in 5 h 42 min\n"
       "clocks     2015-03-29 02:00 -> 03:00  02:30 does not exist: runs at 03:00, the first instant after the gap\n"
       "           2015-10-25 03:00 -> 02:00  02:30 comes twice: runs once, at the first pass (+02:00)\n"
       "           2016-03-27 02:00 -> 03:00  02:30 does not exist: runs at 03:00, the first instant after the gap\n"
       "           2016-10-30 03:00 -> 02:00  02:30 comes twice: runs once, at the first pass (+02:00)\n"
       "           2017-03-26 02:00 -> 03:00  02:30 does not exist: runs at 03:00, the first instant after the gap\n")
expect(["explain", "0 12 * * 1-5", *berlin, "--after", "2015-01-01"],
       holds=["from Monday to Friday", "no change of the coming two years touches it"])
expect(["explain", "0 0 30 2 *"], holds=["warning    it never comes"])
expect(["explain", "@reboot"], holds=["an event"])
expect(["explain", "5 1 * * *", "--tz", "UTC", "--after", "2026-01-01", "-n", "2"], out=
       "At 01:05 every day, in UTC.\n"
       "pattern    5 1 * * *\n"
       "next       Thu 2026-01-01T01:05:00Z  in 1 h 5 min\n"
       "           Fri 2026-01-02T01:05:00Z  in 1 d 1 h\n")

# simulate and pressure
with open("jobs.toml", "w") as file:
    file.write("""
timezone = "Europe/Berlin"
[schedule.backup]
cron = "30 2 * * *"
takes = "2h"
[schedule.poll]
every = "1h"
takes = "90m"
[schedule.a]
cron = "0 0 * * *"
[schedule.b]
cron = "0 0 * * *"
[[outage]]
from = 2015-03-28T04:10:00
until = 2015-03-28T07:10:00
""")
window = ["--from", "2015-03-28T02:00", "--to", "2015-03-28T09:00"]
expect(["simulate", "jobs.toml", *window], out=
       "NOMINAL                    SCHEDULE  DECISION         DETAILS\n"
       "2015-03-28T03:00:00+01:00  poll      skipped_overlap  an earlier run had not ended\n"
       "2015-03-28T02:00:00+01:00  poll      ran              took 1 h 30 min\n"
       "2015-03-28T02:30:00+01:00  backup    ran              took 4 h 40 min\n"
       "2015-03-28T06:00:00+01:00  poll      missed           2 up to 2015-03-28T07:00:00+01:00: missed, and beyond what is caught up\n"
       "2015-03-28T05:00:00+01:00  poll      skipped_overlap  an earlier run had not ended\n"
       "2015-03-28T04:00:00+01:00  poll      ran              took 3 h 10 min\n"
       "2015-03-28T08:00:00+01:00  poll      ran              took 1 h\n")
decisions = json.loads(expect(["simulate", "jobs.toml", *window, "--json"]))
check("simulate --json", {d["schedule"] for d in decisions} == {"backup", "poll"}
      and all("nominal" in d for d in decisions), str(decisions))
empty = ["--from", "2015-03-28", "--to", "2015-03-28"]
check("simulate --json of nothing",
      json.loads(expect(["simulate", "jobs.toml", *empty, "--json"])) == [])
week = ["--from", "2015-03-01", "--to", "2015-03-08"]
summed = expect(["simulate", "jobs.toml", *week, "--summary"], holds=["SCHEDULE", "most at once: "])
check("simulate --summary", summed.splitlines()[1].split()[:2] == ["backup", "7"], summed)
s = json.loads(expect(["simulate", "jobs.toml", *week, "--summary", "--json"]))
check("simulate --summary --json",
      s["schedules"][0]["ran"] == 7 and s["schedules"][1]["skipped_overlap"] > 0, str(s))
# 15 days without an instant are further than a search goes at once
with open("far.toml", "w") as file:
    file.write("[schedule.far]\nwhen = 'all_of(every_interval(\"2s\"), any_of("
               'every_interval("2s", "2026-01-01T00:00:01Z"), once("2026-01-17T00:00:00Z")))\'\n')
expect(["simulate", "far.toml", "--from", "2026-01-02T00:00:00Z", "--to", "2026-01-17T00:00:01Z"],
       holds=["2026-01-17T00:00:00Z       far       ran\n"])
expect(["simulate", "jobs.toml", *window, "--tz", "UTC"], holds=["2015-03-28T02:00:00Z"])
expect(["simulate", "jobs.toml", "--from", "2015-03-28", "--to", "2015-03-27"], status=2,
       says=["the end comes before the beginning"])
open("often.toml", "w").write('[schedule.beat]\nevery = "1ms"\n')  # it would take an hour
expect(["simulate", "often.toml", "--summary", "--from", "2015-01-01", "--to", "2016-01-01"],
       status=2, err="cicada: error: beat: more than 1,000,000,000 instants in this time\n"
                     " = help: give it a longer period, or look at a shorter time\n")
expect(["simulate", "jobs.toml", "--from", "x", "--to", "y", "--tz", "Z/Z"], status=2,
       says=["--from", "--to", "--tz"])
expect(["pressure", "jobs.toml", "--from", "x", "--tz", "Z/Z"], status=2, says=["--from", "--tz"])
expect(["simulate", "jobs.toml"], holds=["NOMINAL"])  # a day from now
with open("bad.toml", "w") as file:
    file.write('[schedule."größe"]\n"cron" = "30 25 * * *"\njiter = "5m"\n'
               '[schedule.b]\nevery = "5m"\noverlap = "skp"\n')
expect(["simulate", "bad.toml"], status=2, out="", err=
       "bad.toml:2:14: error: expected an hour from 0 to 23\n"
       ' 2 | "cron" = "30 25 * * *"\n'
       "   |              ^~\n"
       'bad.toml:3:1: error: unknown key "jiter" in [schedule.größe]\n'
       ' 3 | jiter = "5m"\n'
       "   | ^~~~~\n"
       '   = help: did you mean "jitter"?\n'
       'bad.toml:6:11: error: expected "skip", "buffer_one", "buffer_latest", "cancel_other", { buffer_all = N } or { allow = N } for "overlap"\n'
       ' 6 | overlap = "skp"\n'
       "   |           ^~~~~\n"
       '   = help: did you mean "skip"?\n')
shown = expect(["pressure", "jobs.toml", "--from", "2015-03-04"],
               holds=["in the week from 2015-03-02, in Europe/Berlin",
                      "daily 00:00  3 runs: poll, a and b", "With H"])
check("pressure has blocks", "▃" in shown, shown)
check("pressure is ASCII elsewhere", run("pressure", "jobs.toml", LC_ALL="C").stdout.isascii())
p = json.loads(expect(["pressure", "jobs.toml", "--from", "2015-03-04", "--json"]))
check("pressure --json", len(p["week"]) == 7 * 1440 and len(p["day"]) == 1440
      and p["most"] == 3 and p["spread"]["most"] < 3, str(p)[:200])

# the documents: each command does as they show it, with the files that they show
project = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
os.makedirs("documented")
os.symlink(command, "documented/cicada")
with open("documented/wrong.toml", "w") as file:
    file.write('[schedule.backup]\ncron = "30 25 * * *"\njiter = "5m"\noverlap = "skp"\n')
for name in "docs/command.md", "README.md":
    text = open(os.path.join(project, name)).read()
    for toml in re.findall(r"^```toml\n(timezone.*?)^```$", text, re.S | re.M):
        open("documented/jobs.toml", "w").write(toml)
    shown = [part for block in re.findall(r"^```\n(\$ cicada .*?)^```$", text, re.S | re.M)
             for part in block.split("$ ") if part]
    check(f"{name} shows commands", shown)
    for part in shown:
        line, _, out = part.partition("\n")
        r = subprocess.run(line, shell=True, cwd="documented", stdout=subprocess.PIPE,
                           stderr=subprocess.STDOUT, text=True, timeout=60,
                           env={**environment, "PATH": ".:" + os.environ["PATH"]})
        check(f"{name}: {line}", r.stdout == out, f"shown\n{out}printed\n{r.stdout}")

# the first program is whole, and prints what it is said to print
readme = open(os.path.join(project, "README.md")).read()
program = open(os.path.join(project, "examples/seconds_since.cpp")).read()
program = program.split("\n", 1)[1]  # without its comment
check("README.md has the first program", f"```cpp\n{program}```\n" in readme)
printed = open(os.path.join(project, "examples/expected/seconds_since.txt")).read()
check("README.md has what it prints", f"```\n{printed.rstrip()}\n```\n" in readme)

# help, versions, completion, manual
help_of = {name: expect([name, "--help"], holds=["Usage: cicada " + name, "Example"])
           for name in ("next", "explain", "simulate", "pressure", "completion")}
expect(["--help"], holds=["next", "explain", "simulate", "pressure", "completion", "Exit status"])
expect(["--version"], holds=["cicada 0.", "tz database 20"])
manual = open(os.path.join(project, "docs/cicada.1")).read()
for name, text in help_of.items():
    for word in text.split():
        if word.startswith("--"):
            check(f"the manual has {word}", "Fl " + word[1:].strip(",:") in manual)
for shell in ("bash", "zsh", "fish"):
    script = expect(["completion", shell], holds=["simulate", "summary", "dialect"])
    if shutil.which(shell):
        r = subprocess.run([shell, "-n"], input=script, capture_output=True, text=True)
        check(f"completion {shell} is a script", r.returncode == 0, r.stderr)


def completed(*words):
    script = run("completion", "bash").stdout + """
        COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _cicada; echo "${COMPREPLY[*]}"
"""
    path = os.path.dirname(command) + ":" + environment["PATH"]
    r = subprocess.run(["bash", "-c", script, "bash", *words], env={**environment, "PATH": path},
                       capture_output=True, text=True)
    return r.stdout.split()


check("bash completes commands", completed("cicada", "n") == ["next"])
options = completed("cicada", "simulate", "--s")
check("bash completes options", options == ["--summary"], str(options))
check("bash completes values", completed("cicada", "next", "--gap", "s") == ["skip"])
zones = completed("cicada", "next", "--tz", "Europe/Berl")
check("bash completes zones", zones == ["Europe/Berlin"], str(zones))


# colours: on a terminal only, and never under NO_COLOR
def on_terminal(*arguments, **variables):
    parent, child = pty.openpty()
    p = subprocess.Popen([command, *arguments], env={**environment, **variables},
                         stdout=child, stderr=child)
    os.close(child)
    text = b""
    try:
        while part := os.read(parent, 4096):
            text += part
    except OSError:  # the other end is closed
        pass
    os.close(parent)
    p.wait()
    return text


for arguments in (["explain", "0 0 13 * 5"], ["next", "x"], ["simulate", "jobs.toml", *window],
                  ["pressure", "jobs.toml"]):
    name = arguments[0]
    check(f"{name}: colours on a terminal", b"\033[" in on_terminal(*arguments))
    check(f"{name}: none under NO_COLOR", b"\033" not in on_terminal(*arguments, NO_COLOR="1"))
    check(f"{name}: an empty NO_COLOR does not count",
          b"\033[" in on_terminal(*arguments, NO_COLOR=""))
    check(f"{name}: none on a dumb terminal", b"\033" not in on_terminal(*arguments, TERM="dumb"))
    check(f"{name}: none in a pipe", "\033" not in run(*arguments).stdout + run(*arguments).stderr)

# an output that is closed, or full
many = [command, "next", "* * * * * *", "--count", "1000000"]
p = subprocess.Popen(many, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment)
p.stdout.readline()
p.stdout.close()
check("a reader that leaves early ends it", p.wait(timeout=60) == 1 and p.stderr.read() == b"",
      str(p.returncode))
p.stderr.close()
r = subprocess.run(["sh", "-c", '"$0" next "* * * * *" >&-', command], capture_output=True,
                   text=True, env=environment)
check("a closed output is an error", r.returncode == 1 and "cannot write" in r.stderr, r.stderr)
for arguments in (["next", "* * * * *"], ["explain", "* * * * *"], ["simulate", "jobs.toml"],
                  ["pressure", "jobs.toml"], ["--help"], ["--version"]):
    with open("/dev/full", "w") as full:
        r = subprocess.run([command, *arguments], stdout=full, stderr=subprocess.PIPE, text=True,
                           env=environment)
        check(f"{arguments[0]}: a full disk is an error",
              r.returncode == 1 and "cannot write: No space left" in r.stderr, r.stderr)

shutil.rmtree(work)
print(f"{checks} checks, {failures} failed")
sys.exit(failures > 0)
