-- Jobs with their open runs, as of one moment: SELECT the columns of a job, those of runs.sql, FROM
-- (which jobs) AS those, and this.

--: columns
j.id, j.name, j.owner, j.revision,
(SELECT e.definition FROM cicada.edit AS e WHERE e.id = j.edit), j.zones, j.created_at, j.kept_from,
j.life, j.decided, j.wake_at, j.epoch, j.progress, j.notes,

--: with_open_runs
-- OFFSET 0: of each job by the index, whatever the server thinks of how many there are. The name is
-- no column there: else who thinks so walks through all jobs in their order.
JOIN cicada.job AS j ON j.id = those.id
LEFT JOIN LATERAL (
    SELECT o.id FROM cicada.run AS o WHERE o.job = j.id AND o.state IN (0, 1) OFFSET 0) AS open
    ON true
LEFT JOIN cicada.run AS r ON r.id = open.id
ORDER BY j.name || '', r.number, r.id;

--: by_id
SELECT o.id FROM cicada.job AS o WHERE o.id = ANY ($1)

--: by_name
SELECT o.id FROM cicada.job AS o WHERE o.name = ANY ($1)

--: all
SELECT o.id FROM cicada.job AS o WHERE o.name > $1 ORDER BY o.name LIMIT $2

--: of_owner
SELECT o.id FROM cicada.job AS o WHERE o.owner = $3 AND o.name > $1 ORDER BY o.name LIMIT $2

--: waking
SELECT j.id, j.revision, j.wake_at FROM cicada.job AS j
WHERE j.wake_at >= $3 AND j.wake_at <= $1 ORDER BY j.wake_at, j.id LIMIT $2;

--: out_of_date
SELECT j.id, j.life <> 5 AND (j.zones <> $3 OR j.decided > $2) FROM cicada.job AS j
WHERE j.id > $1 ORDER BY j.id LIMIT $4;

--: stalled
SELECT j.id FROM cicada.job AS j
WHERE j.life = 0 AND j.wake_at IS NULL
      AND NOT EXISTS (SELECT 1 FROM cicada.run AS r WHERE r.job = j.id AND r.state IN (0, 1))
ORDER BY j.id LIMIT $1;

--: stretches
SELECT s.epoch, s.kind, s.first_at, s.last_at, s.count, s.is_at_least, s.into_at, s.because_of,
       s.note
FROM cicada.stretch AS s
WHERE s.job = $1 AND s.last_at >= $2 AND s.first_at < $3 ORDER BY s.first_at, s.id;

--: edits
SELECT e.since, e.definition FROM cicada.edit AS e WHERE e.job = $1 ORDER BY e.since;

--: backfills
SELECT b.name, b.from_at, b.until_at, b.done_to, b.how, b.over_at
FROM cicada.backfill AS b WHERE b.job = $1 ORDER BY b.id;

--: applied
SELECT a.revision FROM cicada.applied AS a WHERE a.owner = $1;

--: insert
INSERT INTO cicada.job (name, owner, revision, edit, zones, created_at, kept_from, life, decided,
                        wake_at, epoch, progress, notes)
VALUES ($1, $2, 1, 0, $3, $4, $5, $6, $7, $8, $9, $10, $11)
ON CONFLICT (name) DO NOTHING RETURNING id;

--: edit
SELECT cicada.edit_job($1, $2, $3);

--: give
UPDATE cicada.job SET owner = coalesce($2, owner), zones = coalesce($3, zones) WHERE id = $1;

--: backfill
INSERT INTO cicada.backfill (job, name, from_at, until_at, done_to, how, over_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (job, name) DO UPDATE
SET from_at = excluded.from_at, until_at = excluded.until_at, done_to = excluded.done_to,
    how = excluded.how, over_at = excluded.over_at;

--: apply
INSERT INTO cicada.applied AS a (owner, revision) VALUES ($1, $2)
ON CONFLICT (owner) DO UPDATE SET revision = excluded.revision
WHERE a.revision <= excluded.revision;

--: asked
SELECT a.id, a.what, a.job, a.arguments, a.key, a.by_whom, a.note, a.until
FROM cicada.asked AS a ORDER BY a.id LIMIT $1;

--: done
DELETE FROM cicada.asked AS a WHERE a.id = $1;
