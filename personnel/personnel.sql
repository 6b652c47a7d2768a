-- What the database itself guards about units, officers and their facts. Repeatable.

-- Units: the closure of the tree. A unit does not move: it ends and another begins, so history keeps its shape.
CREATE OR REPLACE FUNCTION unit_joins_the_tree() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO unit_ancestor (unit, ancestor, depth) VALUES (NEW.id, NEW.id, 0);
    INSERT INTO unit_ancestor (unit, ancestor, depth)
    SELECT NEW.id, above.ancestor, above.depth + 1 FROM unit_ancestor above WHERE above.unit = NEW.parent;
    -- One statement may write a child before its parent; the child would stand outside the tree for good.
    IF NOT FOUND AND NEW.parent IS NOT NULL THEN
        RAISE EXCEPTION 'unit %: its parent has to be there first', NEW.name
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'unit_follows_its_parent';
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION unit_stays_in_the_tree() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
BEGIN
    IF (NEW.id, NEW.parent, NEW.kind) IS DISTINCT FROM (OLD.id, OLD.parent, OLD.kind) THEN
        RAISE EXCEPTION 'unit %: a unit neither moves nor changes its kind or id', OLD.name
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'unit_stays_in_the_tree',
                  HINT = 'end this unit and make a new one';
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION closure_is_derived() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
BEGIN
    IF pg_trigger_depth() < 2 THEN
        RAISE EXCEPTION 'unit_ancestor follows from unit and is not written by hand'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'closure_is_derived';
    END IF;
    RETURN COALESCE(NEW, OLD);
END $$;

CREATE OR REPLACE TRIGGER b_joins_the_tree AFTER INSERT ON unit
    FOR EACH ROW EXECUTE FUNCTION unit_joins_the_tree();
CREATE OR REPLACE TRIGGER a_stays_in_the_tree BEFORE UPDATE ON unit
    FOR EACH ROW EXECUTE FUNCTION unit_stays_in_the_tree();
CREATE OR REPLACE TRIGGER a_derived BEFORE INSERT OR UPDATE OR DELETE ON unit_ancestor
    FOR EACH ROW EXECUTE FUNCTION closure_is_derived();
CREATE OR REPLACE TRIGGER a_no_truncate BEFORE TRUNCATE ON unit_ancestor
    FOR EACH STATEMENT EXECUTE FUNCTION log_is_append_only();
ALTER TABLE unit ENABLE ALWAYS TRIGGER b_joins_the_tree;
ALTER TABLE unit ENABLE ALWAYS TRIGGER a_stays_in_the_tree;
ALTER TABLE unit_ancestor ENABLE ALWAYS TRIGGER a_derived;
ALTER TABLE unit_ancestor ENABLE ALWAYS TRIGGER a_no_truncate;

-- The officer's standing: their live facts in one row, so that the gate reads one row instead of seven tables.
-- It is derived: whoever writes the row, by whatever statement, gets what the facts say.
-- Procedural, because then PostgreSQL keeps its plan. Made while the tables are empty, the plan must still do when an import
-- has filled them: without sorting or reading whole tables, only the indexes by officer and day are left.
CREATE OR REPLACE FUNCTION standing_of(p_officer uuid) RETURNS officer_standing LANGUAGE plpgsql STABLE
SET search_path = public, pg_temp SET enable_seqscan = off SET enable_sort = off AS $$
DECLARE
    standing officer_standing;
BEGIN
    -- The certificate of a day is the one that began last: a renewal replaces what came before. `days` are those it
    -- stands for, `valid` those it is valid on.
    WITH held AS (
        SELECT c.series, c.number, c.fields, c.area, daterange(c.valid_from, c.valid_to) AS valid,
               daterange(c.valid_from, lead(c.valid_from) OVER (ORDER BY c.valid_from)) AS days
        FROM certificate c WHERE c.officer = p_officer AND c.superseded_at IS NULL
    )
    SELECT p_officer,
        -- In service (公务员法).
        COALESCE((SELECT range_agg(daterange(s.valid_from, s.valid_to) ORDER BY s.valid_from) FROM service s
                  WHERE s.officer = p_officer AND s.superseded_at IS NULL AND s.status = 'active'), '{}'),
        -- In establishment (行政处罚法 42; 河南 20; 山东 10).
        COALESCE((SELECT range_agg(daterange(e.valid_from, e.valid_to) ORDER BY e.valid_from) FROM establishment e
                  WHERE e.officer = p_officer AND e.superseded_at IS NULL
                    AND e.type IN ('administrative', 'enforcement', 'civil_service_managed', 'institution')), '{}'),
        -- 法律职业资格 (行政处罚法 58).
        COALESCE((SELECT range_agg(daterange(l.valid_from, l.valid_to) ORDER BY l.valid_from) FROM legal_qualification l
                  WHERE l.officer = p_officer AND l.superseded_at IS NULL), '{}'),
        -- The days since their first certificate began.
        COALESCE((SELECT daterange(min(lower(h.valid)), NULL) FROM held h HAVING count(*) > 0), 'empty'),
        ARRAY(SELECT ROW(h.series, h.number, h.fields, h.area, h.days, h.valid)::held_certificate
              FROM held h ORDER BY lower(h.valid)),
        -- Suspended, cancelled or lost, a certificate is barred on the days it stands for (交通证件规定 24, 25, 31); after
        -- a revocation the person may not hold one again (34), so no later certificate heals it.
        ARRAY(SELECT ROW(e.verb, h.number, e.valid_from, e.due_on,
                         CASE e.verb WHEN 'revoke' THEN daterange(e.valid_from, e.valid_to)
                                     ELSE h.days * daterange(e.valid_from, e.valid_to) END)::certificate_bar
              FROM certificate_event e LEFT JOIN held h ON h.series = e.certificate
              WHERE e.officer = p_officer AND e.superseded_at IS NULL
                AND (e.verb = 'revoke' OR e.verb IN ('suspend', 'cancel', 'report_lost') AND h.series IS NOT NULL)
              ORDER BY e.valid_from),
        ARRAY(SELECT ROW(p.user_unit, ARRAY(SELECT a.ancestor FROM unit_ancestor a WHERE a.unit = p.user_unit),
                         p.kind = 'borrowing', daterange(p.valid_from, p.valid_to))::standing_use
              FROM posting p WHERE p.officer = p_officer AND p.superseded_at IS NULL ORDER BY p.valid_from),
        -- The facts themselves, with the days on which an answer stands on them: on their own, those of a certificate
        -- on any, for an expired one still says why not.
        ARRAY(SELECT ROW(fact.kind, fact.id, fact.days)::standing_fact FROM (
                  SELECT 'service' AS kind, s.id, daterange(s.valid_from, s.valid_to) AS days
                  FROM service s WHERE s.officer = p_officer AND s.superseded_at IS NULL
                  UNION ALL
                  SELECT 'establishment', e.id, daterange(e.valid_from, e.valid_to)
                  FROM establishment e WHERE e.officer = p_officer AND e.superseded_at IS NULL
                  UNION ALL
                  SELECT 'posting', p.id, daterange(p.valid_from, p.valid_to)
                  FROM posting p WHERE p.officer = p_officer AND p.superseded_at IS NULL
                  UNION ALL
                  SELECT 'certificate', c.id, daterange(NULL, NULL)
                  FROM certificate c WHERE c.officer = p_officer AND c.superseded_at IS NULL
                  UNION ALL
                  SELECT 'certificate_event', e.id, daterange(NULL, NULL)
                  FROM certificate_event e WHERE e.officer = p_officer AND e.superseded_at IS NULL
                    AND e.verb IN ('suspend', 'revoke', 'cancel', 'report_lost')
                  UNION ALL
                  SELECT 'legal_qualification', l.id, daterange(l.valid_from, l.valid_to)
                  FROM legal_qualification l WHERE l.officer = p_officer AND l.superseded_at IS NULL) fact
              ORDER BY fact.kind, fact.id)
    INTO standing;
    RETURN standing;
END $$;

CREATE OR REPLACE FUNCTION standing_is_derived() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'officer_standing follows from the facts and is not written by hand'
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'standing_is_derived';
    END IF;
    RETURN standing_of(NEW.officer);
END $$;

CREATE OR REPLACE FUNCTION fact_changes_standing() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE officer_standing SET officer = NEW.officer WHERE officer = NEW.officer;
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER a_derived BEFORE INSERT OR UPDATE OR DELETE ON officer_standing
    FOR EACH ROW EXECUTE FUNCTION standing_is_derived();
CREATE OR REPLACE TRIGGER a_no_truncate BEFORE TRUNCATE ON officer_standing
    FOR EACH STATEMENT EXECUTE FUNCTION log_is_append_only();
ALTER TABLE officer_standing ENABLE ALWAYS TRIGGER a_derived;
ALTER TABLE officer_standing ENABLE ALWAYS TRIGGER a_no_truncate;

-- The officer's turn. Both sides of every race, the writer of a fact and the writer of an assignment, bump this
-- counter first. A row lock alone does not hold under REPEATABLE READ: only an update makes the loser's snapshot
-- fail with 40001. No row, no turn, no write: the gate fails closed.
CREATE OR REPLACE FUNCTION officer_gets_a_gate() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO officer_gate (officer, turn) VALUES (NEW.id, 0);
    INSERT INTO officer_standing (officer) VALUES (NEW.id);
    RETURN NULL;
END $$;

CREATE OR REPLACE PROCEDURE take_turn(p_officer uuid) LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE officer_gate SET turn = turn + 1 WHERE officer = p_officer;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no officer %', p_officer
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'officer_has_a_gate';
    END IF;
END $$;

CREATE OR REPLACE FUNCTION fact_takes_turn() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
BEGIN
    CALL take_turn(NEW.officer);
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER b_gets_a_gate AFTER INSERT ON officer
    FOR EACH ROW EXECUTE FUNCTION officer_gets_a_gate();
ALTER TABLE officer ENABLE ALWAYS TRIGGER b_gets_a_gate;

-- An officer is used by a body that enforces, never by the district or a town as a whole.
CREATE OR REPLACE FUNCTION posting_is_usable() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM unit WHERE id = NEW.user_unit AND kind IN ('district', 'town')) THEN
        RAISE EXCEPTION 'a district or a town does not use an officer: name its bureau, squad or station'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'posting_is_usable';
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION certificate_is_sound() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
BEGIN
    IF cardinality(NEW.fields) = 0
       OR EXISTS (SELECT FROM unnest(NEW.fields) f WHERE f IS NULL OR f NOT IN (SELECT code FROM field)) THEN
        RAISE EXCEPTION 'a certificate names at least one known field'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'certificate_fields_are_known';
    END IF;
    IF EXISTS (SELECT FROM certificate c WHERE c.series = NEW.series AND c.officer <> NEW.officer) THEN
        RAISE EXCEPTION 'a certificate does not pass to another person'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'certificate_keeps_its_holder';
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION event_fits_its_certificate() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM certificate c WHERE c.series = NEW.certificate AND c.officer = NEW.officer) THEN
        RAISE EXCEPTION 'the event names no certificate of this officer'
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'event_fits_its_certificate';
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER c_usable BEFORE INSERT ON posting
    FOR EACH ROW EXECUTE FUNCTION posting_is_usable();
CREATE OR REPLACE TRIGGER c_sound BEFORE INSERT ON certificate
    FOR EACH ROW EXECUTE FUNCTION certificate_is_sound();
CREATE OR REPLACE TRIGGER c_fits BEFORE INSERT ON certificate_event
    FOR EACH ROW EXECUTE FUNCTION event_fits_its_certificate();
ALTER TABLE posting ENABLE ALWAYS TRIGGER c_usable;
ALTER TABLE certificate ENABLE ALWAYS TRIGGER c_sound;
ALTER TABLE certificate_event ENABLE ALWAYS TRIGGER c_fits;

DO $$
DECLARE facts text;
BEGIN
    FOREACH facts IN ARRAY ARRAY['service', 'establishment', 'legal_qualification', 'posting', 'certificate', 'certificate_event']
    LOOP
        CALL guard_facts(facts::regclass);
        EXECUTE format('CREATE OR REPLACE TRIGGER b_takes_turn BEFORE INSERT OR UPDATE ON %I
                        FOR EACH ROW EXECUTE FUNCTION fact_takes_turn()', facts);
        EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER b_takes_turn', facts);
        EXECUTE format('CREATE OR REPLACE TRIGGER b_changes_standing AFTER INSERT OR UPDATE ON %I
                        FOR EACH ROW EXECUTE FUNCTION fact_changes_standing()', facts);
        EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER b_changes_standing', facts);
    END LOOP;
END $$;

-- Whoever was there before their standing was kept gets one; what an earlier wording put together is put together anew.
INSERT INTO officer_standing (officer) SELECT id FROM officer ON CONFLICT DO NOTHING;
UPDATE officer_standing s SET officer = s.officer WHERE s IS DISTINCT FROM standing_of(s.officer);

-- A posting that stands: not over yet, or the last one there was. People are seen through these.
CREATE OR REPLACE VIEW standing_posting AS
SELECT p.* FROM posting p
WHERE p.superseded_at IS NULL
  AND (p.valid_to IS NULL OR p.valid_to > shanghai_today()
       OR NOT EXISTS (SELECT FROM posting later
                      WHERE later.officer = p.officer AND later.superseded_at IS NULL
                        AND later.valid_from > p.valid_from));

-- Whether a person is within reach of somebody who owns, manages or uses people through these units.
-- Every query on people carries it.
CREATE OR REPLACE FUNCTION officer_in_reach(p_officer uuid, everywhere boolean, owners uuid[], managers uuid[], users uuid[], self uuid)
RETURNS boolean LANGUAGE sql STABLE
RETURN everywhere OR p_officer IS NOT DISTINCT FROM self OR EXISTS (
    SELECT FROM standing_posting p JOIN unit_ancestor a
        ON (a.unit = p.owner_unit AND a.ancestor = ANY (owners))
        OR (a.unit = p.manager_unit AND a.ancestor = ANY (managers))
        OR (a.unit = p.user_unit AND a.ancestor = ANY (users))
    WHERE p.officer = p_officer);
