-- Instants are nanoseconds UTC since 1970, exact, for they are identities. Enumerators are their
-- numbers in rows.hpp and records.hpp: they get new ones at the end only.

-- Each time that the file was opened. Not clean: the process, or the machine, went down with it.
CREATE TABLE boot (
    id         INTEGER PRIMARY KEY,
    started_at INTEGER NOT NULL,
    is_clean   INTEGER NOT NULL
) STRICT;

-- The last number that was given out, and will never be again.
CREATE TABLE counter (
    name  TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO counter (name, value) VALUES ('fence', 0), ('run', 0), ('settled', 0);

CREATE TABLE node (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    name        TEXT    NOT NULL,
    state       INTEGER NOT NULL,
    lease_until INTEGER NOT NULL,
    entered_at  INTEGER NOT NULL,
    ended_at    INTEGER,
    kinds       TEXT    NOT NULL,
    labels      TEXT    NOT NULL
) STRICT;
CREATE INDEX node_ended ON node (ended_at);

CREATE TABLE job (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    name       TEXT    NOT NULL UNIQUE,
    owner      TEXT    NOT NULL,
    revision   INTEGER NOT NULL,
    edit       INTEGER NOT NULL, -- the definition
    zones      TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    kept_from  INTEGER NOT NULL,
    life       INTEGER NOT NULL,
    decided    INTEGER NOT NULL,
    wake_at    INTEGER,
    epoch      INTEGER NOT NULL,
    progress   TEXT    NOT NULL,
    notes      TEXT    NOT NULL
) STRICT;
CREATE INDEX job_waking ON job (wake_at, id) WHERE wake_at IS NOT NULL;
-- They wait for the end of a run, or are stalled: few.
CREATE INDEX job_stalled ON job (life) WHERE life = 0 AND wake_at IS NULL;
CREATE INDEX job_owner ON job (owner, name);

-- Definitions lie here only: a step that changes none does not write one anew.
CREATE TABLE edit (
    id         INTEGER PRIMARY KEY,
    job        INTEGER NOT NULL REFERENCES job,
    since      INTEGER NOT NULL,
    definition TEXT    NOT NULL,
    UNIQUE (job, since)
) STRICT;

CREATE TABLE run (
    id              INTEGER PRIMARY KEY,
    job             INTEGER REFERENCES job, -- none: it was submitted
    kind            TEXT    NOT NULL,
    origin          INTEGER NOT NULL,
    nominal         INTEGER NOT NULL,
    epoch           INTEGER NOT NULL,
    number          INTEGER NOT NULL,
    missed          INTEGER NOT NULL,
    state           INTEGER NOT NULL,
    attempt         INTEGER NOT NULL,
    lost            INTEGER NOT NULL,
    fence           INTEGER NOT NULL,
    claim           INTEGER NOT NULL,
    node            INTEGER, -- whose it is, or was
    last_node       INTEGER, -- of the last attempt, also once it is ready again
    run_at          INTEGER NOT NULL,
    began_at        INTEGER NOT NULL,
    started_at      INTEGER,
    ended_at        INTEGER,
    is_asked_to_end INTEGER NOT NULL,
    label           TEXT    NOT NULL,
    key             TEXT    NOT NULL,
    policy          TEXT    NOT NULL,
    reason          TEXT    NOT NULL,
    log             TEXT    NOT NULL,
    report          TEXT    NOT NULL,
    arguments       TEXT    NOT NULL
) STRICT;
-- Identity. An instant of the schedule is there once (origin 0), and what is beside the schedule as
-- often as somebody wants it; by this index both are found by their instant.
CREATE UNIQUE INDEX run_instant
    ON run (job, nominal, epoch, CASE origin WHEN 0 THEN 0 ELSE id END) WHERE job IS NOT NULL;
CREATE UNIQUE INDEX run_key ON run (job, key) WHERE job IS NOT NULL AND key <> '';
CREATE UNIQUE INDEX run_key_of_kind ON run (kind, key) WHERE job IS NULL AND key <> '';
-- What may be claimed, each kind and label a queue.
CREATE INDEX run_ready ON run (kind, label, run_at, id) WHERE state = 0;
CREATE INDEX run_running ON run (node, id) WHERE state = 1;
-- History: the newest of each state, and the oldest of all.
CREATE INDEX run_of_job ON run (job, state, id) WHERE job IS NOT NULL;
CREATE INDEX run_of_kind ON run (kind, state, id) WHERE job IS NULL;
CREATE INDEX run_ended ON run (ended_at) WHERE ended_at IS NOT NULL;

CREATE TABLE stretch (
    id           INTEGER PRIMARY KEY,
    job          INTEGER NOT NULL REFERENCES job,
    epoch        INTEGER NOT NULL,
    kind         INTEGER NOT NULL,
    first_at     INTEGER NOT NULL,
    last_at      INTEGER NOT NULL,
    count        INTEGER NOT NULL,
    is_at_least  INTEGER NOT NULL,
    into_at      INTEGER,
    because_of   INTEGER NOT NULL,
    note         TEXT    NOT NULL
) STRICT;
CREATE INDEX stretch_last ON stretch (job, last_at);

CREATE TABLE backfill (
    id         INTEGER PRIMARY KEY,
    job        INTEGER NOT NULL REFERENCES job,
    name       TEXT    NOT NULL,
    from_at    INTEGER NOT NULL,
    until_at   INTEGER NOT NULL,
    done_to    INTEGER NOT NULL,
    how        TEXT    NOT NULL,
    over_at    INTEGER,
    UNIQUE (job, name)
) STRICT;

-- The revision of the last set of jobs of each owner.
CREATE TABLE applied (
    owner    TEXT PRIMARY KEY,
    revision INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
