--: take
SELECT t.verdicts, t.there, t.run_ids, t.fences, t.name, t.places, t.job_names
FROM cicada.take_steps($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17,
                       $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32,
                       $33, $34, $35, $36, $37, $38, $39, $40, $41, $42, $43, $44) AS t;

--: end
-- Runs that end, by a node ($2) that is live. $3 is in order, so where a run is in an array is
-- found by halves: without a join, whose plan could go astray. After it comes what is set, and what
-- they must have been.
UPDATE cicada.run AS r SET ended_at = $1

--: ended
WHERE r.id = ANY ($3) AND r.state + 0 = 1
      AND (SELECT true FROM cicada.node AS n
           WHERE n.id = $2 AND n.state = 0 AND n.lease_until > $1 FOR KEY SHARE)

-- Runs that are ready and whose time has come, of these queues, by run_at and id: they are running
-- from here on. What another transaction has locked is passed over: it is being claimed. $7: there
-- is none before that, see marks.hpp.

--: claim_of_one
WITH shares AS (
    SELECT q.kind, q.label, $6::bigint AS first FROM unnest($4, $5) AS q (kind, label)),

--: claim_of_several
-- Of each so many as are among the first of all. Those are looked for without locks.
WITH shares AS (
    SELECT q.kind, q.label, count(r.place) AS first
    FROM unnest($4, $5) WITH ORDINALITY AS q (kind, label, place)
    LEFT JOIN (SELECT q.place
               FROM unnest($4, $5) WITH ORDINALITY AS q (kind, label, place)
               CROSS JOIN LATERAL (
                   SELECT r.run_at, r.id FROM cicada.run AS r
                   WHERE r.state = 0 AND r.kind = q.kind AND r.label = q.label
                         AND r.run_at >= $7 AND r.run_at <= $1
                   ORDER BY r.run_at, r.id LIMIT $6) AS r
               ORDER BY r.run_at, r.id LIMIT $6) AS r ON r.place = q.place
    GROUP BY q.kind, q.label),

--: claim
me AS MATERIALIZED (
    SELECT n.name FROM cicada.node AS n
    WHERE n.id = $2 AND n.state = 0 AND n.lease_until > $1 FOR KEY SHARE),
free AS MATERIALIZED (
    SELECT r.id
    FROM shares AS q
    CROSS JOIN LATERAL (
        SELECT r.id FROM cicada.run AS r
        WHERE r.state = 0 AND r.kind = q.kind AND r.label = q.label
              AND r.run_at >= $7 AND r.run_at <= $1
        ORDER BY r.run_at, r.id LIMIT q.first FOR NO KEY UPDATE SKIP LOCKED) AS r
    WHERE (SELECT true FROM me))
UPDATE cicada.run AS r
SET state = 1, claim = $3, node = $2, last_node = $2, started_at = $1,
    began_at = CASE WHEN r.started_at IS NULL THEN $1 ELSE r.began_at END,
    fence = nextval('cicada.fence')
WHERE r.id = ANY (ARRAY(SELECT f.id FROM free AS f))
RETURNING (SELECT m.name FROM me AS m), r.id,
          (SELECT j.name FROM cicada.job AS j WHERE j.id = r.job), r.kind, r.origin, r.nominal,
          r.attempt, r.lost, r.fence, r.run_at, r.is_asked_to_end, r.arguments, r.key, r.reason,
          r.log, r.report, r.job, r.epoch, r.number, r.missed, r.began_at, r.label, r.policy;

--: stretches
SELECT cicada.record_stretches($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11);
