-- Facts with two times. Repeatable: applied again whenever this text changes.
--
-- Every guard of this database either binds its names when it is made (RETURN, BEGIN ATOMIC) or carries its own
-- search_path: a temporary table or a schema of somebody's own would otherwise stand in for the real one.

-- The present day in Shanghai, whatever the server's or the session's zone.
CREATE OR REPLACE FUNCTION shanghai_today() RETURNS date LANGUAGE sql STABLE
RETURN (now() AT TIME ZONE 'Asia/Shanghai')::date;

-- A fact is recorded now, and once recorded it can only be superseded, now.
CREATE OR REPLACE FUNCTION fact_is_append_only() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        NEW.recorded_at := now();
        NEW.superseded_at := NULL;
        RETURN NEW;
    END IF;
    IF TG_OP = 'UPDATE'
       AND OLD.superseded_at IS NULL AND NEW.superseded_at IS NOT NULL
       AND to_jsonb(NEW) - 'superseded_at' = to_jsonb(OLD) - 'superseded_at' THEN
        NEW.superseded_at := now();
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% on %: a fact is superseded, never changed or deleted', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'facts_are_append_only',
              HINT = 'set superseded_at on the old version and insert a new one with the same series';
END $$;

-- Logs that nobody edits.
CREATE OR REPLACE FUNCTION log_is_append_only() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION '% on %: entries are only ever added', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'log_is_append_only';
END $$;

-- Makes a table of facts append-only; ALWAYS, so that session_replication_role does not switch it off.
CREATE OR REPLACE PROCEDURE guard_facts(facts regclass) LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE OR REPLACE TRIGGER a_append_only BEFORE INSERT OR UPDATE OR DELETE ON %s
                    FOR EACH ROW EXECUTE FUNCTION fact_is_append_only()', facts);
    EXECUTE format('CREATE OR REPLACE TRIGGER a_no_truncate BEFORE TRUNCATE ON %s
                    FOR EACH STATEMENT EXECUTE FUNCTION log_is_append_only()', facts);
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER a_append_only', facts);
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER a_no_truncate', facts);
END $$;

CREATE OR REPLACE PROCEDURE guard_log(log regclass) LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE OR REPLACE TRIGGER a_append_only BEFORE UPDATE OR DELETE ON %s
                    FOR EACH ROW EXECUTE FUNCTION log_is_append_only()', log);
    EXECUTE format('CREATE OR REPLACE TRIGGER a_no_truncate BEFORE TRUNCATE ON %s
                    FOR EACH STATEMENT EXECUTE FUNCTION log_is_append_only()', log);
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER a_append_only', log);
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER a_no_truncate', log);
END $$;

CALL guard_log('audit_entry');
