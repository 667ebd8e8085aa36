--: read
SELECT value FROM counter WHERE name = ?1;

--: write
UPDATE counter SET value = ?2 WHERE name = ?1;
