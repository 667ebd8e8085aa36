#!/usr/bin/env python3
"""A clean project is accepted, and what breaks a rule is refused by its file and line."""
import os
import subprocess
import sys
import tempfile

scripts = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../scripts")
clean = {
    "include/cicada/cicada.hpp": "#include <cicada/loop/loop.hpp>\n",
    "include/cicada/base/time.hpp": "#include <chrono>\n",
    "include/cicada/base/export.hpp": "#include <cicada/ends_here>\n",
    "include/cicada/async/task.hpp": "#include <cicada/base/time.hpp>\n",
    "include/cicada/schedule/cron.hpp": "#include <cicada/base/time.hpp>\n",
    "include/cicada/loop/loop.hpp": "#include <cicada/async/task.hpp>\n",
    "include/cicada/periodic/every.hpp": "#include <cicada/schedule/cron.hpp>\n",
    "include/cicada/hosts/asio.hpp": "#include <boost/asio/io_context.hpp>\n",
    "include/cicada/store/store.hpp": "#include <cicada/schedule/cron.hpp>\n",
    "include/cicada/jobs/job.hpp": "#include <cicada/store/store.hpp>\n",
    "include/cicada/jobs.hpp": "#include <cicada/cicada.hpp>\n#include <cicada/jobs/job.hpp>\n",
    "src/base/pages.hpp": "#include <new>\n",
    "src/loop/loop.cpp": "#include <cicada/loop/loop.hpp>\n#include <base/pages.hpp>\n",
    "src/base/pages_linux.cpp": "#include <sys/mman.h>\n",
    "src/store/sqlite/database.hpp": "#include <sqlite3.h>\n",
    "src/store/sqlite/lock_linux.cpp": "#include <sys/file.h>\n",
    "src/jobs/arguments.cpp": "#include <nlohmann/json.hpp>\n",
    "apps/cicada/words.hpp": "#include <string>\n",
    "apps/cicada/main.cpp": '#include <cicada/loop/loop.hpp>\n#include "words.hpp"\n',
    "src/store/sqlite/schema.sql": "-- not INSERT INTO run VALUES, nor\n"
                                   "CREATE TABLE run(id INTEGER, name TEXT CHECK (name <> ', *'));\n"
                                   "INSERT INTO run(id, name) VALUES (1, 'SELECT *');\n"
                                   "INSERT INTO main.run AS r (id) SELECT max(id, 2) * 2 FROM run\n"
                                   "  ON CONFLICT DO UPDATE SET id = r.id RETURNING count(*), id * 2;\n"
                                   "INSERT INTO fence DEFAULT VALUES;\n",
    "src/store/sqlite/runs.cpp": "// SELECT *, and INSERT INTO run VALUES\n"
                                 'auto read = "SELECT id, name "\n "FROM run"; auto c = ",*";\n'
                                 "auto ns = 1'000, star = '*';\n"
                                 'auto why = "the run\'s"; auto x = "select" + all * two + "*";\n',
    "docs/time.md": f"| {'a table' * 20} |\n```\n$ cicada\n{'prints ' * 20}\n```\n",
    "tests/unit/time.cpp": f"// clang-format off\n{'quoted ' * 20}\n// clang-format on\n",
    "tests/e2e/command.py": f'print(\n    "{"printed " * 20}")\n',
}
planted = [  # the check, the file, its content; then what is refused, and the rule
    ("check-includes", "include/cicada/async/gate.hpp",
     "#pragma once\n#include <cicada/loop/loop.hpp>", 2, "async may include async, base only"),
    ("check-includes", "src/schedule/cron.cpp", "#include <cicada/async/task.hpp>",
     1, "schedule may include base, schedule only"),
    ("check-includes", "src/loop/loop.cpp",
     "\n\n# include <cicada/periodic/every.hpp> // a comment",
     3, "loop may include async, base, loop, schedule only"),
    ("check-includes", "include/cicada/cicada.hpp", "#include <cicada/hosts/asio.hpp>",
     1, "include/cicada/cicada.hpp may include async, base, loop, periodic, schedule only"),
    ("check-includes", "include/cicada/jobs.hpp", "#include <cicada/hosts/asio.hpp>",
     1, "jobs.hpp may include async, base, jobs, loop, periodic, schedule, store only"),
    ("check-includes", "include/cicada/cicada.hpp", "#include <cicada/jobs.hpp>",
     1, "include/cicada/cicada.hpp may include async, base, loop, periodic, schedule only"),
    ("check-includes", "src/jobs/worker.cpp", "#include <cicada/cicada.hpp>",
     1, "jobs may include async, base, jobs, loop, schedule, store only"),
    ("check-includes", "src/jobs/worker.cpp", "#include <cicada/periodic/every.hpp>",
     1, "jobs may include async, base, jobs, loop, schedule, store only"),
    ("check-includes", "include/cicada/store/store.hpp", "#include <cicada/async/task.hpp>",
     1, "store may include base, schedule, store only"),
    ("check-includes", "src/store/sqlite/database.hpp", "#include <cicada/jobs/job.hpp>",
     1, "store may include base, schedule, store only"),
    ("check-includes", "src/loop/loop.cpp", "#include <cicada/jobs/job.hpp>",
     1, "loop may include async, base, loop, schedule only"),
    ("check-includes", "src/remote/remote.cpp", "#include <cicada/base/time.hpp>",
     1, "remote has no place in the DAG yet"),
    ("check-includes", "include/cicada/loop/timer.hpp", "#include <base/pages.hpp>",
     1, "a public header includes public ones only"),
    ("check-includes", "include/cicada/base/time.hpp", "#include <time.h>",
     1, "neither of the standard library"),
    ("check-includes", "include/cicada/loop/loop.hpp", "#include <boost/asio/post.hpp>",
     1, "neither of the standard library"),
    ("check-includes", "src/loop/loop.cpp", "#include <sys/eventfd.h>",
     1, "neither of the standard library"),
    ("check-includes", "include/cicada/store/store.hpp", "#include <sqlite3.h>",
     1, "neither of the standard library"),
    ("check-includes", "src/store/memory.cpp", "#include <sqlite3.h>",
     1, "neither of the standard library"),
    ("check-includes", "src/store/sqlite/lock.cpp", "#include <sys/file.h>",
     1, "neither of the standard library"),
    ("check-includes", "src/store/sqlite/database.hpp", "#include <nlohmann/json.hpp>",
     1, "neither of the standard library"),
    ("check-includes", "src/jobs/arguments.hpp", "#include <nlohmann/json.hpp>",
     1, "neither of the standard library"),
    ("check-includes", "src/loop/loop.cpp", '#include "base/pages.hpp"',
     1, "write <...> with the full path"),
    ("check-includes", "src/loop/loop.cpp", "#include <base/paegs.hpp>",
     1, "there is no such header"),
    ("check-includes", "src/loop/loop.cpp", "#include HEADER", 1, "write the name of the header"),
    ("check-includes", "apps/cicada/main.cpp", "#include <base/pages.hpp>",
     1, "apps include what is public"),
    ("check-includes", "apps/cicada/main.cpp", '#include "base/pages.hpp"',
     1, "apps include what is public"),
    ("check-includes", "apps/cicada/main.cpp", "#include <unistd.h>",
     1, "neither of the standard library"),
    ("check-sql", "src/store/sqlite/a.sql", "SELECT id;\nSELECT * FROM run;",
     2, "name the columns that are read"),
    ("check-sql", "src/store/sqlite/a.sql", "SELECT\n  id,\n  r.* FROM run r;",
     3, "name the columns that are read"),
    ("check-sql", "src/store/sqlite/a.sql", "select distinct\n*\nfrom run;",
     2, "name the columns that are read"),
    ("check-sql", "src/store/sqlite/a.sql", "SELECT id FROM (\nSELECT * FROM run);",
     2, "name the columns that are read"),
    ("check-sql", "src/store/sqlite/a.sql", "/* it's */ SELECT 'a;'\n, * FROM run;",
     2, "name the columns that are read"),
    ("check-sql", "src/store/sqlite/a.sql", "DELETE FROM run\nRETURNING *;",
     2, "name the columns that are read"),
    ("check-sql", "src/store/sqlite/a.sql", "\nINSERT INTO run VALUES (1, 'a');",
     2, "name the columns that are written"),
    ("check-sql", "src/store/sqlite/a.sql", "INSERT OR IGNORE\nINTO main.\"run\" AS r\nSELECT 1;",
     1, "name the columns that are written"),
    ("check-sql", "src/store/sqlite/a.sql", "REPLACE INTO run (SELECT 1);",
     1, "name the columns that are written"),
    ("check-sql", "src/store/sqlite/b.cpp", 'f("INSERT INTO run "  // the\n  "VALUES (?)");',
     1, "name the columns that are written"),
    ("check-sql", "src/store/sqlite/b.cpp", "auto a = 'x';\n" 'auto b = R"sql(\nSELECT *)sql";',
     3, "name the columns that are read"),
    ("check-sql", "src/store/sqlite/b.cpp", 'f(1\'000, "SELECT\\n* FROM \\"a\\"", \'x\');',
     1, "name the columns that are read"),
    ("check-sql", "bench/sqlite.cpp", 'f("it\'s", "INSERT INTO \\"run\\" VALUES (?)", "it\'s");',
     1, "name the columns that are written"),
    ("check-columns", "src/store/sqlite/a.sql", "x" * 101, 1, "101 columns"),
    ("check-columns", "include/cicada/base/time.hpp", "\n// " + "x" * 98, 2, "101 columns"),
    ("check-columns", "docs/time.md", "```\n$ cicada\n```\n" + "word " * 21, 4, "105 columns"),
    ("check-columns", "docs/time.md", "```\n" + "a diagram " * 11 + "\n```", 2, "110 columns"),
    ("check-columns", "README.md", "é" * 101, 1, "101 columns"),
    ("check-columns", "Makefile", "x" * 101, 1, "101 columns"),
    ("check-columns", "cmake/install.cmake", "x" * 101, 1, "101 columns"),
    ("check-columns", "scripts/bootstrap", "x" * 101, 1, "101 columns"),
    ("check-columns", "tests/unit/time.cpp",
     "// clang-format off\n// clang-format on\n" + "x" * 101, 3, "101 columns"),
    ("check-columns", "tests/e2e/command.py", '"a" ' + " # why" * 18, 1, "112 columns"),
    ("check-columns", "tests/e2e/command.py", '"a" + ' + '"a string"' * 10, 1, "106 columns"),
    ("check-columns", "tests/e2e/command.py", "f(x, " + '"a string"' * 10 + ")", 1, "106 columns"),
]


def run(check, plant):
    with tempfile.TemporaryDirectory() as project:
        for path, content in {**clean, **plant}.items():
            path = os.path.join(project, path)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as file:
                file.write(content)
        r = subprocess.run([os.path.join(scripts, check), project], capture_output=True, text=True)
        return r.returncode, r.stdout + r.stderr


failures = 0
for check in "check-includes", "check-columns", "check-sql":
    status, said = run(check, {})
    if status != 0 or said:
        failures += 1
        print(f"FAILED: {check} refuses what is clean: {status}\n{said}")
    with tempfile.TemporaryDirectory() as nothing:
        command = [os.path.join(scripts, check), nothing]
        if subprocess.run(command, capture_output=True, check=False).returncode == 0:
            failures += 1
            print(f"FAILED: {check} accepts a project that is empty")
for check, path, content, line, rule in planted:
    status, said = run(check, {path: content})
    if status != 1 or said.count("\n") != 1 or f"{path}:{line}: " not in said or rule not in said:
        failures += 1
        print(f"FAILED: {path}:{line}: {rule}: {status}\n{said}")
print(f"{len(planted)} planted, {failures} failures")
sys.exit(failures > 0)
