--: columns
r.id, (SELECT o.name FROM cicada.job AS o WHERE o.id = r.job), r.kind, r.origin, r.nominal,
r.state, r.attempt, r.lost, r.fence, (SELECT n.name FROM cicada.node AS n WHERE n.id = r.last_node),
r.run_at, r.started_at, r.ended_at, r.is_asked_to_end, r.arguments, r.key, r.reason, r.log,
r.report, r.job, r.epoch, r.number, r.missed, r.began_at, r.node, r.claim, r.label, r.policy

--: first_ready
SELECT r.run_at
FROM unnest($1, $2) AS q (kind, label)
CROSS JOIN LATERAL (
    SELECT o.run_at FROM cicada.run AS o
    WHERE o.state = 0 AND o.kind = q.kind AND o.label = q.label AND o.run_at >= $3
    ORDER BY o.run_at, o.id LIMIT 1) AS r
ORDER BY r.run_at LIMIT 1;

--: orphaned
-- Between the nodes that are live: while a transaction is left open somewhere, run_running has an
-- entry for all that each of them has run.
SELECT o.id
FROM (SELECT l.id AS after, lead(l.id, 1, 9223372036854775807) OVER (ORDER BY l.id) AS before
      FROM (SELECT 0::bigint AS id
            UNION ALL SELECT n.id FROM cicada.node AS n WHERE n.ended_at IS NULL) AS l) AS g
CROSS JOIN LATERAL (
    SELECT o.id FROM cicada.run AS o
    WHERE o.state = 1 AND o.node > g.after AND o.node < g.before OFFSET 0) AS o
