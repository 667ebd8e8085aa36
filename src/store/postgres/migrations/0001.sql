-- Instants are nanoseconds UTC since 1970, exact, for they are identities. Enumerators are their
-- numbers in rows.hpp and records.hpp: they get new ones at the end only. Texts are as text.hpp
-- writes them. Names are in full, for no session is ours: see connection.hpp.

CREATE SEQUENCE cicada.fence AS bigint;
CREATE SEQUENCE cicada.run_id AS bigint;

CREATE TABLE cicada.node (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name        text COLLATE "C" NOT NULL,
    state       smallint NOT NULL,
    lease_until bigint NOT NULL,
    entered_at  bigint NOT NULL,
    ended_at    bigint,
    kinds       text[] COLLATE "C" NOT NULL,
    labels      text[] COLLATE "C" NOT NULL
) WITH (fillfactor = 50);
CREATE INDEX node_ended ON cicada.node (ended_at);

CREATE TABLE cicada.job (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name       text COLLATE "C" NOT NULL UNIQUE,
    owner      text COLLATE "C" NOT NULL,
    revision   bigint NOT NULL,
    edit       bigint NOT NULL, -- the definition
    zones      text COLLATE "C" NOT NULL,
    created_at bigint NOT NULL,
    kept_from  bigint NOT NULL,
    life       smallint NOT NULL,
    decided    bigint NOT NULL,
    wake_at    bigint,
    epoch      bigint NOT NULL,
    progress   text COLLATE "C" NOT NULL,
    notes      text COLLATE "C" NOT NULL
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);
CREATE INDEX job_waking ON cicada.job (wake_at, id) WHERE wake_at IS NOT NULL;
-- They wait for the end of a run, or are stalled: few.
CREATE INDEX job_stalled ON cicada.job (id) WHERE life = 0 AND wake_at IS NULL;
CREATE INDEX job_owner ON cicada.job (owner, name);

-- Definitions lie here only: a step that changes none does not write one anew.
CREATE TABLE cicada.edit (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    job        bigint NOT NULL,
    since      bigint NOT NULL,
    definition text COLLATE "C" NOT NULL,
    UNIQUE (job, since)
);

-- What is never NULL and has a fixed width comes first: where a column is that lies behind others
-- is not known, and each index entry would walk there.
CREATE TABLE cicada.run (
    id              bigint PRIMARY KEY,
    nominal         bigint NOT NULL,
    epoch           bigint NOT NULL,
    number          bigint NOT NULL,
    missed          bigint NOT NULL,
    attempt         bigint NOT NULL,
    lost            bigint NOT NULL,
    fence           bigint NOT NULL,
    claim           bigint NOT NULL,
    run_at          bigint NOT NULL,
    began_at        bigint NOT NULL,
    origin          smallint NOT NULL,
    state           smallint NOT NULL,
    is_asked_to_end boolean NOT NULL,
    ended_at        bigint,
    job             bigint, -- none: it was submitted
    node            bigint, -- whose it is, or was
    last_node       bigint, -- of the last attempt, also once it is ready again
    started_at      bigint,
    kind            text COLLATE "C" NOT NULL,
    label           text COLLATE "C" NOT NULL,
    key             text COLLATE "C" NOT NULL,
    policy          text COLLATE "C" NOT NULL,
    reason          text COLLATE "C" NOT NULL,
    log             text COLLATE "C" NOT NULL,
    report          text COLLATE "C" NOT NULL,
    arguments       text COLLATE "C" NOT NULL
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_cost_delay = 0);
-- Identity. An instant of the schedule is there once (origin 0), and what is beside the schedule as
-- often as somebody wants it; by this index both are found by their instant.
CREATE UNIQUE INDEX run_instant
    ON cicada.run (job, nominal, epoch, (CASE origin WHEN 0 THEN 0 ELSE id END))
    WHERE job IS NOT NULL;
CREATE UNIQUE INDEX run_key ON cicada.run (job, key) WHERE job IS NOT NULL AND key <> '';
CREATE UNIQUE INDEX run_key_of_kind ON cicada.run (kind, key) WHERE job IS NULL AND key <> '';
-- What may be claimed, each kind and label a queue.
CREATE INDEX run_ready ON cicada.run (kind, label, run_at, id) WHERE state = 0;
CREATE INDEX run_running ON cicada.run (node, id) WHERE state = 1;
CREATE INDEX run_asked_to_end ON cicada.run (node, id) WHERE state = 1 AND is_asked_to_end;
-- History: the newest of each state, and the oldest of all. What is asked for in the order of
-- id + 0 is found by these two only: the primary key is in the order of id, too, and who thinks
-- that nearly all runs are of that job and state walks through it, past a million others, for what
-- is not there. What is running is found by its node: it is not much, and entries in indexes are
-- what a change of state costs.
CREATE INDEX run_of_job ON cicada.run (job, state, (id + 0)) WHERE job IS NOT NULL;
CREATE INDEX run_of_kind ON cicada.run (kind, state, (id + 0)) WHERE job IS NULL AND state <> 1;
CREATE INDEX run_ended ON cicada.run (ended_at, id) WHERE ended_at IS NOT NULL;

CREATE TABLE cicada.stretch (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    job         bigint NOT NULL,
    epoch       bigint NOT NULL,
    kind        smallint NOT NULL,
    first_at    bigint NOT NULL,
    last_at     bigint NOT NULL,
    count       bigint NOT NULL,
    is_at_least boolean NOT NULL,
    into_at     bigint,
    because_of  bigint NOT NULL,
    note        text COLLATE "C" NOT NULL
);
CREATE INDEX stretch_last ON cicada.stretch (job, last_at);

CREATE TABLE cicada.backfill (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    job      bigint NOT NULL,
    name     text COLLATE "C" NOT NULL,
    from_at  bigint NOT NULL,
    until_at bigint NOT NULL,
    done_to  bigint NOT NULL,
    how      text COLLATE "C" NOT NULL,
    over_at  bigint,
    UNIQUE (job, name)
);

-- The revision of the last set of jobs of each owner.
CREATE TABLE cicada.applied (
    owner    text COLLATE "C" PRIMARY KEY,
    revision bigint NOT NULL
);

-- What others have asked of jobs by the functions below; a node carries it out.
CREATE TABLE cicada.asked (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    what      smallint NOT NULL,
    job       text COLLATE "C" NOT NULL,
    arguments text COLLATE "C",
    key       text COLLATE "C" NOT NULL DEFAULT '',
    by_whom   text COLLATE "C" NOT NULL DEFAULT '',
    note      text COLLATE "C" NOT NULL DEFAULT '',
    until     bigint
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

-- How statements are planned, and how long one may take: for a transaction, as it begins, for by
-- way of a pooler the session is somebody else's afterwards; or for a session that is ours alone. A
-- plan does not depend on statistics, which may be of a time when there were few rows of a kind, or
-- none.
CREATE FUNCTION cicada.settle(longest_idle text, longest_statement text, is_of_transaction boolean)
RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM set_config('idle_in_transaction_session_timeout', longest_idle, is_of_transaction),
            set_config('statement_timeout', longest_statement, is_of_transaction),
            set_config('plan_cache_mode', 'force_generic_plan', is_of_transaction),
            set_config('enable_seqscan', 'off', is_of_transaction),
            set_config('enable_hashjoin', 'off', is_of_transaction),
            set_config('enable_mergejoin', 'off', is_of_transaction),
            set_config('enable_bitmapscan', 'off', is_of_transaction),
            set_config('max_parallel_workers_per_gather', '0', is_of_transaction),
            set_config('jit', 'off', is_of_transaction);
END
$$;

-- The store's time, which server this is: another number after a restart, and after a standby was
-- promoted; and the process that serves, by which a client knows whether a pooler is between.
-- (Written in plpgsql, which keeps its plans: what is written in SQL is planned at each call.)
CREATE FUNCTION cicada.moment(OUT at bigint, OUT server bigint, OUT session bigint)
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    at := (extract(epoch FROM transaction_timestamp()) * 1000000)::bigint * 1000;
    server := (extract(epoch FROM pg_postmaster_start_time()) * 1000000)::bigint
        # ((('x' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8))::bit(32)::bigint)
           << 20);
    session := pg_backend_pid();
END
$$;

-- The run that is the same instant, or has the same key.
CREATE FUNCTION cicada.same_as(of_job bigint, of_origin bigint, of_nominal bigint, of_epoch bigint,
                               of_kind text, of_key text)
RETURNS bigint LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    found_id bigint;
BEGIN
    IF of_job IS NOT NULL AND of_origin = 0 THEN
        SELECT r.id INTO found_id FROM cicada.run AS r
        WHERE r.job = of_job AND r.nominal = of_nominal AND r.epoch = of_epoch
              AND (CASE r.origin WHEN 0 THEN 0 ELSE r.id END) = 0;
    END IF;
    IF found_id IS NULL AND of_key <> '' AND of_job IS NOT NULL THEN
        SELECT r.id INTO found_id FROM cicada.run AS r
        WHERE r.job = of_job AND r.key = of_key AND r.key <> '';
    ELSIF found_id IS NULL AND of_key <> '' THEN
        SELECT r.id INTO found_id FROM cicada.run AS r
        WHERE r.job IS NULL AND r.kind = of_kind AND r.key = of_key AND r.key <> '';
    END IF;
    RETURN found_id;
END
$$;

-- See store.hpp: steps that have nothing to do with each other, for each job and each run is in one
-- of them only, by one node (0: by a person). All of each, or nothing.
--
-- are_alone: it changes one run, and nothing else.
-- Rows are joined by a hash table, and "= ANY" finds those of a table: so it makes no difference
-- with which side the server begins.
--
-- verdicts: of each step, its number in rows.hpp. None: a step that changes more than one row met a
-- row that is not what it was; nothing was done, and each is to be taken alone, which says why.
-- there: the run that is repeated. run_ids, fences: of what begins. name: the node's.
-- places, job_names: of the steps whose job was written.
CREATE FUNCTION cicada.take_steps(
    at bigint, by_node bigint,
    jobs bigint[], are_alone boolean[], revisions bigint[], lives bigint[], decideds bigint[],
    wake_ats bigint[], epochs bigint[], progresses text[], notess text[],
    c_steps bigint[], c_ids bigint[], c_was bigint[], c_fences bigint[], c_claims bigint[],
    c_states bigint[], c_attempts bigint[], c_losts bigint[], c_run_ats bigint[], c_asked boolean[],
    c_reasons text[], c_logs text[], c_reports text[],
    b_steps bigint[], b_states bigint[], b_origins bigint[], b_nominals bigint[],
    b_epochs bigint[], b_numbers bigint[], b_misseds bigint[], b_attempts bigint[],
    b_losts bigint[], b_claims bigint[], b_run_ats bigint[], b_asked boolean[], b_kinds text[],
    b_labels text[], b_keys text[], b_policies text[], b_reasons text[], b_logs text[],
    b_reports text[], b_arguments text[],
    OUT verdicts bigint[], OUT there bigint, OUT run_ids bigint[], OUT fences bigint[],
    OUT name text, OUT places bigint[], OUT job_names text[])
LANGUAGE plpgsql VOLATILE SET enable_nestloop = off SET enable_hashjoin = on AS $$
DECLARE
    stale CONSTANT bigint := 3;
    refused CONSTANT bigint := 4;
    repeated CONSTANT bigint := 5;
    steps CONSTANT int := cardinality(jobs);
    of_jobs int;
    changed bigint[];
    met bigint;
    one bigint;
BEGIN
    verdicts := array_fill(0::bigint, ARRAY[steps]);
    IF by_node <> 0 THEN
        SELECT n.name INTO name FROM cicada.node AS n
        WHERE n.id = by_node AND n.state = 0 AND n.lease_until > at FOR KEY SHARE;
        IF NOT FOUND THEN
            verdicts := array_fill(2::bigint, ARRAY[steps]);
            RETURN;
        END IF;
    END IF;
    BEGIN
        SELECT count(*) INTO of_jobs FROM unnest(jobs) AS v (id) WHERE v.id <> 0;
        IF of_jobs > 0 THEN
            WITH written AS (
                UPDATE cicada.job AS j
                SET revision = j.revision + 1, life = v.life, decided = v.decided,
                    wake_at = v.wake_at, epoch = v.epoch, progress = v.progress, notes = v.notes
                FROM unnest(jobs, revisions, lives, decideds, wake_ats, epochs, progresses, notess)
                     WITH ORDINALITY
                     AS v (id, revision, life, decided, wake_at, epoch, progress, notes, place)
                WHERE j.id = v.id AND j.id = ANY (jobs) AND j.revision = v.revision
                RETURNING v.place, j.name)
            SELECT array_agg(w.place), array_agg(w.name) INTO places, job_names
            FROM written AS w;
            IF coalesce(cardinality(places), 0) < of_jobs THEN
                FOR i IN 1..steps LOOP
                    IF jobs[i] <> 0 THEN verdicts[i] := stale; END IF;
                END LOOP;
                FOREACH one IN ARRAY coalesce(places, '{}') LOOP verdicts[one] := 0; END LOOP;
            END IF;
        END IF;
        IF cardinality(c_ids) > 0 THEN
            WITH written AS (
                UPDATE cicada.run AS r
                SET state = v.state, attempt = v.attempt, lost = v.lost, run_at = v.run_at,
                    is_asked_to_end = v.asked, reason = coalesce(v.reason, r.reason),
                    log = coalesce(v.log, r.log), report = coalesce(v.report, r.report),
                    ended_at = CASE WHEN v.state > 1 THEN at END,
                    fence = CASE WHEN v.was = 1 AND v.state = 0 THEN nextval('cicada.fence')
                            ELSE r.fence END,
                    claim = CASE WHEN v.was = 1 AND v.state = 0 THEN 0 ELSE r.claim END,
                    node = CASE WHEN v.was = 1 AND v.state = 0 THEN NULL ELSE r.node END
                FROM unnest(c_steps, c_ids, c_was, c_fences, c_claims, c_states, c_attempts,
                            c_losts, c_run_ats, c_asked, c_reasons, c_logs, c_reports)
                     AS v (step, id, was, fence, claim, state, attempt, lost, run_at, asked,
                           reason, log, report)
                WHERE r.id = v.id AND r.id = ANY (c_ids) AND verdicts[v.step] = 0
                      AND r.state + 0 = v.was
                      AND r.fence = v.fence AND (v.was <> 1 OR r.claim = v.claim)
                RETURNING v.step)
            SELECT array_agg(w.step) INTO changed FROM written AS w;
            SELECT count(*) INTO met FROM unnest(c_steps) AS v (step) WHERE verdicts[v.step] = 0;
            IF coalesce(cardinality(changed), 0) < met THEN
                -- Of one that changes nothing else nothing is to be undone.
                FOR one IN
                    SELECT v.step FROM unnest(c_steps) AS v (step)
                    EXCEPT ALL SELECT p.step FROM unnest(changed) AS p (step)
                LOOP
                    CONTINUE WHEN verdicts[one] <> 0;
                    IF NOT are_alone[one] THEN RAISE SQLSTATE 'CI001'; END IF;
                    verdicts[one] := refused;
                END LOOP;
            END IF;
        END IF;
        IF cardinality(b_steps) > 0 THEN
            SELECT array_agg(nextval('cicada.run_id')), array_agg(nextval('cicada.fence'))
            INTO run_ids, fences FROM generate_subscripts(b_steps, 1);
            INSERT INTO cicada.run (id, job, origin, state, is_asked_to_end, nominal, epoch, number,
                                    missed, attempt, lost, fence, claim, node, last_node, run_at,
                                    began_at, started_at, kind, label, key, policy, reason, log,
                                    report, arguments)
            SELECT v.id, nullif(jobs[v.step], 0), v.origin, v.state, v.asked, v.nominal,
                   v.epoch, v.number, v.missed, v.attempt, v.lost, v.fence,
                   CASE WHEN v.state = 1 THEN v.claim ELSE 0 END,
                   CASE WHEN v.state = 1 THEN by_node END, CASE WHEN v.state = 1 THEN by_node END,
                   v.run_at, at, CASE WHEN v.state = 1 THEN at END, v.kind, v.label, v.key,
                   v.policy, v.reason, v.log, v.report, v.arguments
            FROM unnest(run_ids, fences, b_steps, b_states, b_origins, b_nominals, b_epochs,
                        b_numbers, b_misseds, b_attempts, b_losts, b_claims, b_run_ats, b_asked,
                        b_kinds, b_labels, b_keys, b_policies, b_reasons, b_logs, b_reports,
                        b_arguments)
                 AS v (id, fence, step, state, origin, nominal, epoch, number, missed, attempt,
                       lost, claim, run_at, asked, kind, label, key, policy, reason, log, report,
                       arguments)
            WHERE verdicts[v.step] = 0
            ON CONFLICT DO NOTHING;
            GET DIAGNOSTICS met = ROW_COUNT;
            IF met < (SELECT count(*) FROM unnest(b_steps) AS v (step)
                      WHERE verdicts[v.step] = 0) THEN
                RAISE SQLSTATE 'CI002';
            END IF;
        END IF;
    EXCEPTION
        WHEN SQLSTATE 'CI001' OR SQLSTATE 'CI002' THEN
            IF steps > 1 THEN
                verdicts := NULL;
            ELSIF SQLSTATE = 'CI001' THEN
                verdicts := ARRAY[refused];
            ELSE
                verdicts := ARRAY[repeated];
                FOR i IN 1..cardinality(b_steps) LOOP
                    there := cicada.same_as(nullif(jobs[1], 0), b_origins[i], b_nominals[i],
                                            b_epochs[i], b_kinds[i], b_keys[i]);
                    EXIT WHEN there IS NOT NULL;
                END LOOP;
            END IF;
    END;
END
$$;

-- Stretches in their order, each made longer that follows one of the same kind.
CREATE FUNCTION cicada.record_stretches(
    jobs bigint[], epochs bigint[], kinds bigint[], firsts bigint[], lasts bigint[],
    counts bigint[], are_at_least boolean[], intos bigint[], becauses bigint[], notes text[],
    follow bigint[])
RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    FOR i IN 1..cardinality(jobs) LOOP
        IF follow[i] IS NOT NULL THEN
            UPDATE cicada.stretch AS s
            SET last_at = lasts[i], count = s.count + counts[i],
                is_at_least = s.is_at_least OR are_at_least[i]
            WHERE s.id = (
                SELECT o.id FROM cicada.stretch AS o
                WHERE o.job = jobs[i] AND o.last_at = follow[i] AND o.epoch = epochs[i]
                      AND o.kind = kinds[i] AND o.into_at IS NOT DISTINCT FROM intos[i]
                      AND o.because_of = becauses[i] AND o.note = notes[i]
                ORDER BY o.id LIMIT 1);
            CONTINUE WHEN FOUND;
        END IF;
        INSERT INTO cicada.stretch (job, epoch, kind, first_at, last_at, count, is_at_least,
                                    into_at, because_of, note)
        VALUES (jobs[i], epochs[i], kinds[i], firsts[i], lasts[i], counts[i], are_at_least[i],
                intos[i], becauses[i], notes[i]);
    END LOOP;
END
$$;

-- Definitions, each as of an instant, from which on its job goes by it.
CREATE FUNCTION cicada.edit_job(of_job bigint, from_when bigint, to_what text)
RETURNS void LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    made bigint;
BEGIN
    INSERT INTO cicada.edit AS e (job, since, definition) VALUES (of_job, from_when, to_what)
    ON CONFLICT (job, since) DO UPDATE SET definition = excluded.definition
    RETURNING e.id INTO made;
    UPDATE cicada.job SET edit = made WHERE id = of_job;
END
$$;

-- For programs in other languages: what they ask for is part of their own transaction. A node sees
-- it at its next poll, within a second, and decides as if job_store had been asked: only then does
-- what is wrong with it show, and the node tells. These functions have the rights of the owner of
-- the schema; who may use the schema may call them.

CREATE FUNCTION cicada.ask(what bigint, job text, arguments text, key text, by_whom text, note text,
                           until timestamptz)
RETURNS void LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    one CONSTANT text := chr(1); -- as text.hpp writes it
    mark CONSTANT text := chr(1) || chr(2);
BEGIN
    IF NOT EXISTS (SELECT 1 FROM cicada.job AS j WHERE j.name = replace(ask.job, one, mark)) THEN
        RAISE EXCEPTION 'cicada: there is no job "%"', ask.job USING ERRCODE = 'no_data_found';
    END IF;
    INSERT INTO cicada.asked (what, job, arguments, key, by_whom, note, until)
    VALUES (ask.what, replace(ask.job, one, mark), replace(ask.arguments, one, mark),
            replace(ask.key, one, mark), replace(ask.by_whom, one, mark),
            replace(ask.note, one, mark),
            (extract(epoch FROM ask.until) * 1000000)::bigint * 1000);
END
$$;

-- One run more, for now. A second one with the same key does nothing.
CREATE FUNCTION cicada.trigger(job text, arguments json DEFAULT NULL, key text DEFAULT '')
RETURNS void LANGUAGE sql VOLATILE AS $$
    SELECT cicada.ask(0, job, arguments::text, key, '', '', NULL)
$$;

-- Nothing starts until it is resumed, or until then.
CREATE FUNCTION cicada.pause(job text, note text DEFAULT '', until timestamptz DEFAULT NULL)
RETURNS void LANGUAGE sql VOLATILE AS $$
    SELECT cicada.ask(1, job, NULL, '', session_user::text, note, until)
$$;

-- What came while it was paused is skipped.
CREATE FUNCTION cicada.resume(job text)
RETURNS void LANGUAGE sql VOLATILE AS $$
    SELECT cicada.ask(2, job, NULL, '', '', '', NULL)
$$;

-- A run of no job. Gives its id; of a key that a run of this kind has, that one's.
CREATE FUNCTION cicada.submit(kind text, arguments json DEFAULT '{}', key text DEFAULT '',
                              after interval DEFAULT '0')
RETURNS bigint LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    one CONSTANT text := chr(1); -- as text.hpp writes it
    mark CONSTANT text := chr(1) || chr(2);
    now_at CONSTANT bigint :=
        (extract(epoch FROM transaction_timestamp()) * 1000000)::bigint * 1000;
    due_at CONSTANT bigint :=
        (extract(epoch FROM transaction_timestamp() + submit.after) * 1000000)::bigint * 1000;
    of_kind CONSTANT text := replace(submit.kind, one, mark);
    of_key CONSTANT text := replace(submit.key, one, mark);
    made bigint;
BEGIN
    IF submit.kind = '' OR length(submit.kind) > 200 OR length(submit.key) > 200
       OR octet_length(submit.arguments::text) > 65536 OR submit.after < '0' THEN
        RAISE EXCEPTION 'cicada: a kind has 1 to 200 bytes, a key 200 at most, arguments 64 KiB, '
                        'and `after` is not negative' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    INSERT INTO cicada.run (id, origin, state, is_asked_to_end, nominal, epoch, number, missed,
                            attempt, lost, fence, claim, run_at, began_at, kind, label, key, policy,
                            reason, log, report, arguments)
    VALUES (nextval('cicada.run_id'), 4, 0, false, due_at, 0, 0, 0, 1, 0, nextval('cicada.fence'),
            0, due_at, now_at, of_kind, '', of_key, '', '', '', '',
            replace(submit.arguments::text, one, mark))
    ON CONFLICT DO NOTHING RETURNING id INTO made;
    RETURN coalesce(made, cicada.same_as(NULL, 4, 0, 0, of_kind, of_key));
END
$$;
