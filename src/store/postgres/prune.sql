-- What of each job, and of what was submitted of each kind, the last run that has ended is, and the
-- last that was ok, stays. ended: states 2 (ok) to 5. (So what is ok may go if another that is ok
-- is newer; the rest, if any is.) By id + 0: see run_of_job. "<> 1" says that run_of_kind will do.

--: aged
SELECT r.id, r.job, r.origin, r.nominal, r.ended_at,
       CASE
       WHEN r.job IS NOT NULL THEN
           (r.state <> 2
            AND EXISTS (SELECT 1 FROM (VALUES (3), (4), (5)) AS ended (state)
                        CROSS JOIN LATERAL (
                            SELECT o.id FROM cicada.run AS o
                            WHERE o.job IS NOT NULL AND o.job = r.job AND o.state = ended.state
                                  AND o.id + 0 > r.id
                            ORDER BY o.id + 0 LIMIT 1) AS newer))
           OR EXISTS (SELECT 1 FROM (
                          SELECT o.id FROM cicada.run AS o
                          WHERE o.job IS NOT NULL AND o.job = r.job AND o.state = 2
                                AND o.id + 0 > r.id
                          ORDER BY o.id + 0 LIMIT 1) AS newer)
       ELSE
           (r.state <> 2
            AND EXISTS (SELECT 1 FROM (VALUES (3), (4), (5)) AS ended (state)
                        CROSS JOIN LATERAL (
                            SELECT o.id FROM cicada.run AS o
                            WHERE o.job IS NULL AND o.kind = r.kind AND o.state = ended.state
                                  AND o.state <> 1 AND o.id + 0 > r.id
                            ORDER BY o.id + 0 LIMIT 1) AS newer))
           OR EXISTS (SELECT 1 FROM (
                          SELECT o.id FROM cicada.run AS o
                          WHERE o.job IS NULL AND o.kind = r.kind AND o.state = 2
                                AND o.id + 0 > r.id
                          ORDER BY o.id + 0 LIMIT 1) AS newer)
       END
FROM cicada.run AS r
WHERE r.ended_at IS NOT NULL AND r.ended_at < $1 AND (r.ended_at, r.id) > ($2, $3)
ORDER BY r.ended_at, r.id LIMIT $4;

--: jobs
SELECT j.id, j.edit, j.kept_from FROM cicada.job AS j WHERE j.id > $1 ORDER BY j.id LIMIT $2;

--: next_kind
SELECT r.kind FROM cicada.run AS r
WHERE r.job IS NULL AND r.kind > $1 AND r.state <> 1 ORDER BY r.kind LIMIT 1;

--: surplus_of_jobs
-- $1: jobs. $2: so many stay of each. $3: so many may go.
SELECT s.id, j.id, s.origin, s.nominal
FROM unnest($1) AS j (id)
CROSS JOIN LATERAL (
    SELECT e.id
    FROM (VALUES (2), (3), (4), (5)) AS ended (state)
    CROSS JOIN LATERAL (
        SELECT o.id FROM cicada.run AS o WHERE o.job = j.id AND o.state = ended.state
        ORDER BY o.id + 0 DESC LIMIT $2) AS e
    ORDER BY e.id DESC OFFSET $2 - 1 LIMIT 1) AS kept
CROSS JOIN (VALUES (2), (3), (4), (5)) AS ended (state)
CROSS JOIN LATERAL (
    SELECT o.id, o.origin, o.nominal FROM cicada.run AS o
    WHERE o.job = j.id AND o.state = ended.state
          AND o.id + 0 < CASE ended.state
                     WHEN 2 THEN least(kept.id, (
                         SELECT l.id FROM cicada.run AS l WHERE l.job = j.id AND l.state = 2
                         ORDER BY l.id + 0 DESC LIMIT 1))
                     ELSE kept.id END
    ORDER BY o.id + 0 LIMIT $3) AS s
ORDER BY j.id, s.id LIMIT $3;

--: surplus_of_kind
SELECT s.id, 0::bigint, s.origin, s.nominal
FROM (
    SELECT e.id
    FROM (VALUES (2), (3), (4), (5)) AS ended (state)
    CROSS JOIN LATERAL (
        SELECT o.id FROM cicada.run AS o
        WHERE o.job IS NULL AND o.kind = $1 AND o.state = ended.state AND o.state <> 1
        ORDER BY o.id + 0 DESC LIMIT $2) AS e
    ORDER BY e.id DESC OFFSET $2 - 1 LIMIT 1) AS kept
CROSS JOIN (VALUES (2), (3), (4), (5)) AS ended (state)
CROSS JOIN LATERAL (
    SELECT o.id, o.origin, o.nominal FROM cicada.run AS o
    WHERE o.job IS NULL AND o.kind = $1 AND o.state = ended.state AND o.state <> 1
          AND o.id + 0 < CASE ended.state
                     WHEN 2 THEN least(kept.id, (
                         SELECT l.id FROM cicada.run AS l
                         WHERE l.job IS NULL AND l.kind = $1 AND l.state = 2
                         ORDER BY l.id + 0 DESC LIMIT 1))
                     ELSE kept.id END
    ORDER BY o.id + 0 LIMIT $3) AS s
ORDER BY s.id LIMIT $3;

--: stretches
-- $1: jobs, $2: of each, before when.
SELECT s.id, j.id, s.last_at
FROM unnest($1, $2) AS j (id, before)
CROSS JOIN LATERAL (
    SELECT o.id, o.last_at FROM cicada.stretch AS o
    WHERE o.job = j.id AND o.last_at < j.before ORDER BY o.last_at LIMIT $3) AS s
LIMIT $3;

--: edits
-- Those after which another has counted since before then, but for what is in force ($3).
SELECT e.id, j.id, e.until
FROM unnest($1, $2, $3) AS j (id, before, in_force)
CROSS JOIN LATERAL (
    SELECT o.id, lead(o.since) OVER (ORDER BY o.since) AS until
    FROM cicada.edit AS o WHERE o.job = j.id AND o.since < j.before) AS e
WHERE e.until IS NOT NULL AND e.id <> j.in_force
LIMIT $4;

--: backfills
-- $2: over before then. $3: so many stay of each job; 0: all.
SELECT b.id
FROM unnest($1) AS j (id)
CROSS JOIN LATERAL (
    SELECT o.id, o.over_at, row_number() OVER (ORDER BY o.id DESC) AS place
    FROM cicada.backfill AS o WHERE o.job = j.id AND o.over_at IS NOT NULL) AS b
WHERE b.over_at < $2 OR ($3 > 0 AND b.place > $3)
LIMIT $4;

--: forget_runs
DELETE FROM cicada.run WHERE id = ANY ($1);

--: forget_stretches
DELETE FROM cicada.stretch WHERE id = ANY ($1);

--: forget_edits
DELETE FROM cicada.edit WHERE id = ANY ($1);

--: forget_backfills
DELETE FROM cicada.backfill WHERE id = ANY ($1);

--: keep_from
UPDATE cicada.job AS j SET kept_from = v.instant
FROM unnest($1, $2) AS v (id, instant)
WHERE j.id = v.id AND j.id = ANY ($1) AND j.kept_from < v.instant;
