"""What is done inside of the server: a record that it keeps by itself, and a control.

The record is in a schema of its own, of which the nodes know nothing, and written by triggers, by
the server's clock. It says when a node was evicted, when a run was taken from a node (which moves
its fence, or ends it), and what has happened to a run that had ended.
"""
import re
import time

from servers import DATABASE

RECORD = """
CREATE SCHEMA record;
CREATE TABLE record.event (at bigint, what text, id bigint, node bigint, fence bigint);
CREATE FUNCTION record.note() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    INSERT INTO record.event (at, what, id, node, fence)
    VALUES ((extract(epoch FROM clock_timestamp()) * 1000000)::bigint * 1000, TG_ARGV[0], OLD.id,
            (to_jsonb(OLD) ->> 'node')::bigint, (to_jsonb(OLD) ->> 'fence')::bigint);
    RETURN NULL;
END
$$;
"""
# Each of these alone: a transaction that locks two tables may have to wait for itself.
TRIGGERS = (
    "CREATE TRIGGER evicted AFTER UPDATE ON cicada.node FOR EACH ROW"
    " WHEN (OLD.state <> 2 AND NEW.state = 2) EXECUTE FUNCTION record.note('evicted')",
    "CREATE TRIGGER moved AFTER UPDATE ON cicada.run FOR EACH ROW"
    " WHEN (OLD.state = 1 AND NEW.lost > OLD.lost) EXECUTE FUNCTION record.note('moved')",
    "CREATE TRIGGER ended_twice AFTER UPDATE ON cicada.run FOR EACH ROW"
    " WHEN (OLD.state > 1) EXECUTE FUNCTION record.note('ended twice')",
)


def ask(pair, query):
    return pair.primary.ask(query, database=DATABASE)


def keep_record(pair, patience=20):
    """As soon as somebody has made the store."""
    give_up = time.monotonic() + patience
    while ask(pair, "SELECT count(*) FROM pg_proc WHERE proname = 'take_steps'") != ["1"]:
        if time.monotonic() > give_up:
            raise RuntimeError("nobody has made the store")
        time.sleep(0.02)
    for one in (RECORD, *TRIGGERS):
        ask(pair, one)


def forget_fences(pair):
    """Takes from the store's function what it knows of fences and claims."""
    name = "cicada.take_steps"
    there = "\n".join(ask(pair, "SELECT pg_get_functiondef(oid) FROM pg_proc"
                                f" WHERE oid = '{name}'::regproc"))
    without = re.sub(r"AND r\.fence = v\.fence AND \(v\.was <> 1 OR r\.claim = v\.claim\)", "",
                     there)
    assert without != there, f"{name} has no such condition any more: mend this control"
    ask(pair, without)
