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
