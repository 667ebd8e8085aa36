--: last
SELECT id, is_clean FROM boot ORDER BY id DESC LIMIT 1;

--: enter
INSERT INTO boot (started_at, is_clean) VALUES (?1, 0);

--: forget
DELETE FROM boot WHERE id < (SELECT max(id) FROM boot) - 100;

--: leave
UPDATE boot SET is_clean = 1 WHERE id = (SELECT max(id) FROM boot);
