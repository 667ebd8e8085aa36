--: insert
INSERT INTO run (id, job, kind, origin, nominal, epoch, number, missed, state, attempt, lost, fence,
                 claim, node, last_node, run_at, began_at, started_at, ended_at, is_asked_to_end,
                 label, key, policy, reason, log, report, arguments)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, NULL, ?19,
        ?20, ?21, ?22, ?23, ?24, ?25, ?26);

--: of_instant
SELECT id FROM run
WHERE job = ?1 AND nominal = ?2 AND epoch = ?3 AND CASE origin WHEN 0 THEN 0 ELSE id END = 0;

--: of_key
SELECT id FROM run WHERE job = ?1 AND key = ?2 AND key <> '';

--: of_key_of_kind
SELECT id FROM run WHERE job IS NULL AND kind = ?1 AND key = ?2 AND key <> '';

--: change
UPDATE run SET state = ?5, attempt = ?6, lost = ?7, run_at = ?8, is_asked_to_end = ?9,
               reason = coalesce(?10, reason), log = coalesce(?11, log),
               report = coalesce(?12, report), ended_at = ?13
WHERE id = ?1 AND state = ?2 AND fence = ?3 AND (state <> 1 OR claim = ?4);

--: release
UPDATE run SET fence = ?2, claim = 0, node = NULL WHERE id = ?1;

--: claim
UPDATE run SET state = 1, fence = ?2, claim = ?3, node = ?4, last_node = ?4, began_at = ?5,
               started_at = ?6
WHERE id = ?1;

--: ready
SELECT run_at, id FROM run INDEXED BY run_ready
WHERE state = 0 AND kind = ?1 AND label = ?2 AND run_at <= ?3 ORDER BY run_at, id LIMIT ?4;

--: first_ready
FROM run AS r INDEXED BY run_ready
WHERE r.state = 0 AND r.kind = ?1 AND r.label = ?2 AND r.run_at <= ?3
ORDER BY r.run_at, r.id LIMIT ?4;

--: open_of
FROM run AS r INDEXED BY run_of_job WHERE r.job = ?1 AND r.state IN (0, 1);

--: columns
-- The names are asked for apart, for by statistics of a time when there were few nodes a join reads
-- all of them for each run.
SELECT r.id, CASE WHEN r.job IS NOT NULL THEN (SELECT name FROM job WHERE id = r.job) END,
       r.kind, r.origin, r.nominal, r.state, r.attempt, r.lost, r.fence,
       CASE WHEN r.last_node IS NOT NULL THEN (SELECT name FROM node WHERE id = r.last_node) END,
       r.run_at, r.started_at, r.ended_at, r.is_asked_to_end, r.arguments, r.key, r.reason, r.log,
       r.report, r.job, r.epoch, r.number, r.missed, r.began_at, r.node, r.claim, r.label, r.policy
