--: insert
INSERT INTO cicada.node (name, state, lease_until, entered_at, kinds, labels)
VALUES ($1, 0, $2, $3, $4, $5) RETURNING id;

--: renew
UPDATE cicada.node SET lease_until = $2 WHERE id = $1 AND state = 0;

--: leave
UPDATE cicada.node SET state = 1, ended_at = $2 WHERE id = $1 AND state = 0;

--: evict
-- FOR UPDATE, so that what a node has under way is through, or will be refused. What that node
-- holds is waited for by nobody: it is tried again.
WITH over AS MATERIALIZED (
    SELECT n.id FROM cicada.node AS n
    WHERE n.ended_at IS NULL AND n.lease_until <= $2 ORDER BY n.id FOR UPDATE SKIP LOCKED)
UPDATE cicada.node AS n SET state = 2, ended_at = $1 FROM over WHERE n.id = over.id
RETURNING n.id;

--: listed
SELECT n.id, n.name, n.state, n.lease_until, n.entered_at, n.ended_at, n.kinds, n.labels
FROM cicada.node AS n WHERE n.ended_at IS NULL
UNION ALL
SELECT n.id, n.name, n.state, n.lease_until, n.entered_at, n.ended_at, n.kinds, n.labels
FROM cicada.node AS n WHERE n.ended_at > $1
ORDER BY id;
