-- What of each job, and of what was submitted of each kind, the last run that has ended is, and the
-- last that was ok, stays. ended: states 2 (ok) to 5.

--: aged
SELECT r.id, r.job, r.origin, r.nominal, r.ended_at,
       CASE
       WHEN r.job IS NOT NULL THEN
           EXISTS (SELECT 1 FROM run AS o INDEXED BY run_of_job
                   WHERE o.job = r.job AND o.state IN (2, 3, 4, 5) AND o.id > r.id)
           AND (r.state <> 2
                OR EXISTS (SELECT 1 FROM run AS o INDEXED BY run_of_job
                           WHERE o.job = r.job AND o.state = 2 AND o.id > r.id))
       ELSE
           EXISTS (SELECT 1 FROM run AS o INDEXED BY run_of_kind
                   WHERE o.job IS NULL AND o.kind = r.kind AND o.state IN (2, 3, 4, 5)
                         AND o.id > r.id)
           AND (r.state <> 2
                OR EXISTS (SELECT 1 FROM run AS o INDEXED BY run_of_kind
                           WHERE o.job IS NULL AND o.kind = r.kind AND o.state = 2
                                 AND o.id > r.id))
       END
FROM run AS r INDEXED BY run_ended
WHERE r.ended_at IS NOT NULL AND r.ended_at < ?1 AND (r.ended_at, r.id) > (?2, ?3)
ORDER BY r.ended_at, r.id LIMIT ?4;

--: jobs
SELECT id, edit, kept_from FROM job NOT INDEXED WHERE id > ?1 ORDER BY id LIMIT ?2;

--: next_kind
SELECT min(kind) FROM run INDEXED BY run_of_kind WHERE job IS NULL AND kind > ?1;

--: newest_of_job
SELECT id FROM run INDEXED BY run_of_job
WHERE job = ?1 AND state = ?2 AND id < ?3 ORDER BY id DESC LIMIT ?4;

--: newest_of_kind
SELECT id FROM run INDEXED BY run_of_kind
WHERE job IS NULL AND kind = ?1 AND state = ?2 AND id < ?3 ORDER BY id DESC LIMIT ?4;

--: oldest_of_job
SELECT id, origin, nominal FROM run INDEXED BY run_of_job
WHERE job = ?1 AND state = ?2 AND id < ?3 ORDER BY id LIMIT ?4;

--: oldest_of_kind
SELECT id, origin, nominal FROM run INDEXED BY run_of_kind
WHERE job IS NULL AND kind = ?1 AND state = ?2 AND id < ?3 ORDER BY id LIMIT ?4;

--: stretches
SELECT id, last_at FROM stretch INDEXED BY stretch_last
WHERE job = ?1 AND last_at < ?2 ORDER BY last_at LIMIT ?3;

--: edits
SELECT id, since FROM edit WHERE job = ?1 AND since < ?2 ORDER BY since;

--: backfills
SELECT id, over_at FROM backfill WHERE job = ?1 AND over_at IS NOT NULL ORDER BY id DESC;

--: forget_run
DELETE FROM run WHERE id = ?1;

--: forget_stretch
DELETE FROM stretch WHERE id = ?1;

--: forget_edit
DELETE FROM edit WHERE id = ?1;

--: forget_backfill
DELETE FROM backfill WHERE id = ?1;

--: keep_from
UPDATE job SET kept_from = ?2 WHERE id = ?1 AND kept_from < ?2;
