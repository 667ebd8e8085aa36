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

--: change_many
-- See changes.cpp for the functions. An id that is NULL stands for no row.
UPDATE run SET state = changed(id, 0), attempt = changed(id, 1), lost = changed(id, 2),
               run_at = changed(id, 3), is_asked_to_end = changed(id, 4),
               reason = coalesce(changed(id, 5), reason), log = coalesce(changed(id, 6), log),
               report = coalesce(changed(id, 7), report), ended_at = changed(id, 8)
WHERE id IN (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)
      AND is_as_it_was(id, state, fence, claim);

--: release
UPDATE run SET fence = ?2, claim = 0, node = NULL WHERE id = ?1;

--: claim
-- So many at a time, for what is done once in a statement costs as much as a row of it. An id that
-- is NULL stands for no row.
UPDATE run SET state = 1, claim = ?1, node = ?2, last_node = ?2, started_at = ?3,
               began_at = CASE WHEN started_at IS NULL THEN ?3 ELSE began_at END,
               fence = ?4 + CASE id WHEN ?5 THEN 1 WHEN ?6 THEN 2 WHEN ?7 THEN 3 WHEN ?8 THEN 4
                                    WHEN ?9 THEN 5 WHEN ?10 THEN 6 WHEN ?11 THEN 7 WHEN ?12 THEN 8
                                    WHEN ?13 THEN 9 WHEN ?14 THEN 10 WHEN ?15 THEN 11
                                    WHEN ?16 THEN 12 WHEN ?17 THEN 13 WHEN ?18 THEN 14
                                    WHEN ?19 THEN 15 WHEN ?20 THEN 16 END
WHERE id IN (?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20);

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
