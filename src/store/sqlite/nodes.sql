-- Each statement begins with a line that names it. The C++ beside finds it by that name.

--: insert
INSERT INTO node (name, state, lease_until, entered_at, kinds, labels)
VALUES (?1, 0, ?2, ?3, ?4, ?5);

--: renew
UPDATE node SET lease_until = ?2 WHERE id = ?1 AND state = 0;

--: end
UPDATE node SET state = ?2, ended_at = ?3 WHERE id = ?1 AND state = 0;

--: end_all
UPDATE node INDEXED BY node_ended SET state = 2, ended_at = ?1 WHERE ended_at IS NULL;

--: over
SELECT id, lease_until FROM node INDEXED BY node_ended WHERE ended_at IS NULL ORDER BY id;

--: live
SELECT lease_until, name FROM node WHERE id = ?1 AND state = 0;

--: listed
SELECT id, name, state, lease_until, entered_at, ended_at, kinds, labels
FROM node INDEXED BY node_ended WHERE ended_at IS NULL
UNION ALL
SELECT id, name, state, lease_until, entered_at, ended_at, kinds, labels
FROM node INDEXED BY node_ended WHERE ended_at > ?1
ORDER BY id;
