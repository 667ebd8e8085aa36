--: insert
INSERT INTO stretch (job, epoch, kind, first_at, last_at, count, is_at_least, into_at, because_of,
                     note)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10);

--: lengthen
UPDATE stretch SET last_at = ?5, count = count + ?6, is_at_least = max(is_at_least, ?7)
WHERE id = (
    SELECT id FROM stretch
    WHERE job = ?1 AND last_at = ?4 AND epoch = ?2 AND kind = ?3 AND into_at IS ?8
          AND because_of = ?9 AND note = ?10
    ORDER BY id LIMIT 1);

--: between
SELECT epoch, kind, first_at, last_at, count, is_at_least, into_at, because_of, note
FROM stretch WHERE job = ?1 AND last_at >= ?2 AND first_at < ?3 ORDER BY first_at, id;
