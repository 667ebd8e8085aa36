--: version
SELECT m.version, m.least_version FROM cicada.meta AS m;

--: is_taken
-- A schema of this name that is somebody else's.
SELECT count(*) FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace WHERE n.nspname = 'cicada';

--: lock
-- One program at a time, and none waits long: what it changes is in use by others.
SELECT set_config('lock_timeout', '2s', true), pg_advisory_xact_lock(1667851617);

--: create
CREATE SCHEMA IF NOT EXISTS cicada;
CREATE TABLE cicada.meta (version bigint NOT NULL, least_version bigint NOT NULL);
INSERT INTO cicada.meta (version, least_version) VALUES (0, 0);

--: note
UPDATE cicada.meta SET version = $1, least_version = $2;
