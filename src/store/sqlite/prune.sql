-- What of each job, and of what was submitted of each kind, the last run that has ended is, and the
-- last that was ok, stays. ended: states 2 (ok) to 5.

--: aged
SELECT r.id, r.job, r.origin, r.nominal FROM run AS r INDEXED BY run_ended
WHERE r.ended_at IS NOT NULL AND r.ended_at < ?1
  AND CASE
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
ORDER BY r.ended_at LIMIT ?2;

--: jobs
SELECT id FROM job NOT INDEXED WHERE id > ?1 ORDER BY id LIMIT 1000;

--: kinds
WITH RECURSIVE kinds (kind) AS (
    SELECT min(kind) FROM run INDEXED BY run_of_kind WHERE job IS NULL
    UNION ALL
    SELECT (SELECT min(kind) FROM run INDEXED BY run_of_kind
            WHERE job IS NULL AND kind > kinds.kind)
    FROM kinds WHERE kinds.kind IS NOT NULL)
SELECT kind FROM kinds WHERE kind IS NOT NULL;

--: newest_of_job
SELECT id FROM run INDEXED BY run_of_job
WHERE job = ?1 AND state = ?2 AND id < ?3 ORDER BY id DESC LIMIT ?4;

--: newest_of_kind
SELECT id FROM run INDEXED BY run_of_kind
WHERE job IS NULL AND kind = ?1 AND state = ?2 AND id < ?3 ORDER BY id DESC LIMIT ?4;

--: oldest_of_job
SELECT id, job, origin, nominal FROM run INDEXED BY run_of_job
WHERE job = ?1 AND state = ?2 AND id < ?3 ORDER BY id LIMIT ?4;

--: oldest_of_kind
SELECT id, job, origin, nominal FROM run INDEXED BY run_of_kind
WHERE job IS NULL AND kind = ?1 AND state = ?2 AND id < ?3 ORDER BY id LIMIT ?4;

--: aged_stretches
SELECT id, job, last_at FROM stretch INDEXED BY stretch_age
WHERE last_at < ?1 ORDER BY last_at LIMIT ?2;

--: old_stretches
SELECT s.id, s.job, s.last_at
FROM stretch AS s INDEXED BY stretch_old CROSS JOIN job AS j ON j.id = s.job
WHERE s.is_old = 1 AND s.last_at < j.kept_from LIMIT ?1;

--: stretches_before
SELECT id FROM stretch INDEXED BY stretch_last
WHERE job = ?1 AND last_at < ?2 ORDER BY last_at LIMIT ?3;

--: forget_stretch
DELETE FROM stretch WHERE id = ?1;

--: forget
DELETE FROM run WHERE id = ?1;

--: keep_from
UPDATE job SET kept_from = ?2 WHERE id = ?1 AND kept_from < ?2;
