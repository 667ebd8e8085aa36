--: insert
INSERT INTO job (name, owner, revision, edit, zones, created_at, kept_from,
                 life, decided, wake_at, epoch, progress, notes)
VALUES (?1, ?2, 1, 0, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11);

--: is_taken
SELECT 1 FROM job WHERE name = ?1;

--: look_up
SELECT revision, name, wake_at FROM job WHERE id = ?1;

--: write
UPDATE job SET revision = revision + 1, life = ?2, decided = ?3, epoch = ?4, progress = ?5,
               notes = ?6
WHERE id = ?1;

--: write_and_wake
UPDATE job SET revision = revision + 1, life = ?2, decided = ?3, epoch = ?4, progress = ?5,
               notes = ?6, wake_at = ?7
WHERE id = ?1;

--: give_owner
UPDATE job SET owner = ?2 WHERE id = ?1;

--: give_zones
UPDATE job SET zones = ?2 WHERE id = ?1;

--: give_edit
UPDATE job SET edit = ?2 WHERE id = ?1;

--: waking
SELECT id, revision, wake_at FROM job INDEXED BY job_waking
WHERE wake_at IS NOT NULL AND wake_at <= ?1 ORDER BY wake_at, id LIMIT ?2;

--: out_of_date
SELECT id, life <> 5 AND (zones <> ?3 OR decided > ?2) FROM job NOT INDEXED
WHERE id > ?1 ORDER BY id LIMIT ?4;

--: stalled
SELECT id FROM job INDEXED BY job_stalled
WHERE life = 0 AND wake_at IS NULL
      AND NOT EXISTS (SELECT 1 FROM run INDEXED BY run_of_job
                      WHERE run.job = job.id AND run.state IN (0, 1))
ORDER BY id LIMIT ?1;

--: by_id
-- The definition is asked for apart, for by statistics of a time when there were few of them a join
-- reads all of them for each job.
SELECT id, name, owner, revision, (SELECT definition FROM edit WHERE id = job.edit), zones,
       created_at, kept_from, life, decided, wake_at, epoch, progress, notes
FROM job WHERE id = ?1;

--: by_name
SELECT id, name, owner, revision, (SELECT definition FROM edit WHERE id = job.edit), zones,
       created_at, kept_from, life, decided, wake_at, epoch, progress, notes
FROM job WHERE name = ?1;

--: all
SELECT id, name, owner, revision, (SELECT definition FROM edit WHERE id = job.edit), zones,
       created_at, kept_from, life, decided, wake_at, epoch, progress, notes
FROM job WHERE name > ?1 ORDER BY name LIMIT ?2;

--: of_owner
SELECT id, name, owner, revision, (SELECT definition FROM edit WHERE id = job.edit), zones,
       created_at, kept_from, life, decided, wake_at, epoch, progress, notes
FROM job INDEXED BY job_owner WHERE owner = ?3 AND name > ?1 ORDER BY name LIMIT ?2;

--: edit
INSERT INTO edit (job, since, definition) VALUES (?1, ?2, ?3)
ON CONFLICT (job, since) DO UPDATE SET definition = excluded.definition
RETURNING id;

--: edits
SELECT since, definition FROM edit WHERE job = ?1 ORDER BY since;

--: backfill
INSERT INTO backfill (job, name, from_at, until_at, done_to, how, over_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
ON CONFLICT (job, name) DO UPDATE
SET from_at = excluded.from_at, until_at = excluded.until_at, done_to = excluded.done_to,
    how = excluded.how, over_at = excluded.over_at;

--: backfills
SELECT name, from_at, until_at, done_to, how, over_at FROM backfill WHERE job = ?1 ORDER BY id;

--: apply
INSERT INTO applied (owner, revision) VALUES (?1, ?2)
ON CONFLICT (owner) DO UPDATE SET revision = excluded.revision;

--: applied
SELECT revision FROM applied WHERE owner = ?1;
