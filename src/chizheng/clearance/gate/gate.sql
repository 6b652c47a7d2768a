-- The gate. Each rule of clearance is defined here and nowhere else; pages, API, imports and raw SQL all meet it.
-- Repeatable: applied again whenever this text changes. Change a rule, and change gate_rule_version() with it.
--
-- Every rule is put the same way: which days of the question does it leave uncovered? Days are half-open
-- ranges of Shanghai days. Only live facts count (superseded_at IS NULL). What is unknown is not cleared.

CREATE OR REPLACE FUNCTION gate_rule_version() RETURNS text LANGUAGE sql IMMUTABLE RETURN '2026.11-1';

-- What each role asks of its holder. A reviewer reads files and needs no field of their own, but the legal
-- qualification (行政处罚法 58); an observer never counts and only has to be there and in service.
CREATE OR REPLACE VIEW role_requirement (role, establishment, certificate, field, area, legal) AS VALUES
    ('lead',           true,  true,  true,  true,  false),
    ('co_handler',     true,  true,  true,  true,  false),
    ('legal_reviewer', true,  true,  false, true,  true),
    ('hearing_chair',  true,  true,  false, true,  false),
    ('observer',       false, false, false, false, false);

-- Whether two units are the same or one lies within the other: a bureau's officers serve its squads, and back.
CREATE OR REPLACE FUNCTION unit_serves(p_using uuid, p_asking uuid) RETURNS boolean LANGUAGE sql STABLE
RETURN EXISTS (SELECT FROM unit_ancestor a WHERE a.unit = p_using AND a.ancestor = p_asking)
    OR EXISTS (SELECT FROM unit_ancestor a WHERE a.unit = p_asking AND a.ancestor = p_using);

-- An officer's certificates, the first to begin first, each with the days of the question it is in force: the
-- certificate of a day is the one that began last, a renewal replaces what came before.
CREATE OR REPLACE FUNCTION certificates_in_force(p_officer uuid, p_asked daterange)
RETURNS TABLE (series uuid, number text, fields text[], area uuid, valid_from date, valid_to date, days daterange)
LANGUAGE sql STABLE ROWS 1
BEGIN ATOMIC
    SELECT c.series, c.number, c.fields, c.area, c.valid_from, c.valid_to,
           p_asked * daterange(c.valid_from, lead(c.valid_from) OVER (ORDER BY c.valid_from))
    FROM certificate c WHERE c.officer = p_officer AND c.superseded_at IS NULL ORDER BY c.valid_from;
END;

CREATE OR REPLACE FUNCTION clearance_gaps(p_officer uuid, p_role text, p_field text, p_unit uuid, p_from date, p_to date)
RETURNS TABLE (code text, hard boolean, starts date, ends date, detail jsonb)
LANGUAGE plpgsql STABLE ROWS 3
SET search_path = public, pg_temp AS $$
-- Procedural on purpose: as one statement the same rules cost 290 µs where nothing is missing, this 120 µs
-- (docs/decisions/0004-the-gate-in-plpgsql.md).
DECLARE
    asked CONSTANT daterange := daterange(p_from, p_to);
    need role_requirement;
    held record;
    first_day date;
    lent boolean;
    covered datemultirange;
    missing datemultirange;
BEGIN
    -- A question without a known role or without a single day is never answered with yes.
    SELECT * INTO need FROM role_requirement r WHERE r.role = p_role;
    IF NOT FOUND OR isempty(asked) THEN
        RETURN QUERY SELECT 'question_unclear', true, lower(asked), upper(asked), '{}'::jsonb;
    END IF;

    -- In service throughout (公务员法).
    SELECT range_agg(daterange(s.valid_from, s.valid_to)) INTO covered FROM service s
    WHERE s.officer = p_officer AND s.superseded_at IS NULL AND s.status = 'active';
    missing := datemultirange(asked) - COALESCE(covered, '{}');
    IF NOT isempty(missing) THEN
        RETURN QUERY SELECT 'not_in_service', true, lower(missing), upper(missing),
            (SELECT jsonb_build_object('status', s.status) FROM service s
             WHERE s.officer = p_officer AND s.superseded_at IS NULL
               AND daterange(s.valid_from, s.valid_to) @> lower(missing));
    END IF;

    -- In establishment throughout (行政处罚法 42; 河南 20; 山东 10).
    IF need.establishment THEN
        SELECT range_agg(daterange(e.valid_from, e.valid_to)) INTO covered FROM establishment e
        WHERE e.officer = p_officer AND e.superseded_at IS NULL
          AND e.type IN ('administrative', 'enforcement', 'civil_service_managed', 'institution');
        missing := datemultirange(asked) - COALESCE(covered, '{}');
        IF NOT isempty(missing) THEN
            RETURN QUERY SELECT 'not_in_establishment', true, lower(missing), upper(missing),
                (SELECT jsonb_build_object('type', e.type) FROM establishment e
                 WHERE e.officer = p_officer AND e.superseded_at IS NULL
                   AND daterange(e.valid_from, e.valid_to) @> lower(missing));
        END IF;
    END IF;

    IF need.certificate THEN
        FOR held IN SELECT * FROM certificates_in_force(p_officer, asked) LOOP
            IF first_day IS NULL THEN
                first_day := held.valid_from;
                missing := datemultirange(asked * daterange(NULL, first_day));
                IF NOT isempty(missing) THEN
                    RETURN QUERY SELECT 'certificate_not_started', true, lower(missing), upper(missing),
                        jsonb_build_object('number', held.number, 'valid_from', held.valid_from);
                END IF;
            END IF;
            CONTINUE WHEN isempty(held.days);
            missing := datemultirange(held.days * daterange(held.valid_to, NULL));
            IF NOT isempty(missing) THEN
                RETURN QUERY SELECT 'certificate_expired', true, lower(missing), upper(missing),
                    jsonb_build_object('number', held.number, 'valid_to', held.valid_to);
            END IF;
            -- Within the certificate's category and area (交通证件规定 22).
            IF need.field AND (p_field = ANY (held.fields)) IS NOT TRUE THEN
                RETURN QUERY SELECT 'field_not_covered', true, lower(held.days), upper(held.days),
                    jsonb_build_object('number', held.number, 'fields', to_jsonb(held.fields), 'field', p_field);
            END IF;
            IF need.area AND NOT EXISTS (SELECT FROM unit_ancestor a WHERE a.unit = p_unit AND a.ancestor = held.area) THEN
                RETURN QUERY SELECT 'area_not_covered', true, lower(held.days), upper(held.days),
                    jsonb_build_object('number', held.number, 'area', held.area);
            END IF;
        END LOOP;
        -- A certificate at all (行政处罚法 42, 76).
        IF first_day IS NULL THEN
            RETURN QUERY SELECT 'no_certificate', true, lower(asked), upper(asked), '{}'::jsonb WHERE NOT isempty(asked);
        END IF;
        IF EXISTS (SELECT FROM certificate_event e WHERE e.officer = p_officer AND e.superseded_at IS NULL
                     AND e.verb IN ('suspend', 'revoke', 'cancel', 'report_lost')) THEN
            -- Suspended, cancelled or lost (交通证件规定 24, 25, 31): the certificate of those days is barred.
            RETURN QUERY SELECT
                CASE e.verb WHEN 'suspend' THEN 'certificate_suspended' WHEN 'cancel' THEN 'certificate_cancelled'
                            ELSE 'certificate_lost' END,
                true, lower(barred.days), upper(barred.days),
                jsonb_build_object('number', c.number, 'since', e.valid_from, 'due_on', e.due_on)
            FROM certificates_in_force(p_officer, asked) c
            JOIN certificate_event e ON e.officer = p_officer AND e.certificate = c.series AND e.superseded_at IS NULL
                 AND e.verb IN ('suspend', 'cancel', 'report_lost')
            CROSS JOIN LATERAL (SELECT c.days * daterange(e.valid_from, e.valid_to) AS days) barred
            WHERE NOT isempty(barred.days);
            -- Revoked: the person may not hold one again (交通证件规定 34), so no later certificate heals it.
            RETURN QUERY SELECT 'certificate_revoked', true, lower(barred.days), upper(barred.days),
                jsonb_build_object('since', e.valid_from)
            FROM certificate_event e
            CROSS JOIN LATERAL (SELECT asked * daterange(e.valid_from, e.valid_to) AS days) barred
            WHERE e.officer = p_officer AND e.superseded_at IS NULL AND e.verb = 'revoke' AND NOT isempty(barred.days);
        END IF;
    END IF;

    -- Posted to the use of this bureau throughout (区属、镇管、镇用).
    SELECT range_agg(daterange(p.valid_from, p.valid_to)) FILTER (WHERE unit_serves(p.user_unit, p_unit)),
           bool_or(p.kind = 'borrowing')
    INTO covered, lent FROM posting p WHERE p.officer = p_officer AND p.superseded_at IS NULL;
    missing := datemultirange(asked) - COALESCE(covered, '{}');
    IF NOT isempty(missing) THEN
        RETURN QUERY SELECT 'not_posted_here', true, lower(missing), upper(missing), '{}'::jsonb;
    END IF;
    -- Lent to another unit on days of the question: soft, an approver may accept it.
    IF lent THEN
        RETURN QUERY SELECT 'borrowed_out', false, lower(away.days), upper(away.days), jsonb_build_object('unit', p.user_unit)
        FROM posting p CROSS JOIN LATERAL (SELECT asked * daterange(p.valid_from, p.valid_to) AS days) away
        WHERE p.officer = p_officer AND p.superseded_at IS NULL AND p.kind = 'borrowing'
          AND NOT unit_serves(p.user_unit, p_unit) AND NOT isempty(away.days);
    END IF;

    -- The legal qualification of a first-time reviewer (行政处罚法 58).
    IF need.legal THEN
        SELECT range_agg(daterange(l.valid_from, l.valid_to)) INTO covered FROM legal_qualification l
        WHERE l.officer = p_officer AND l.superseded_at IS NULL;
        missing := datemultirange(asked) - COALESCE(covered, '{}');
        IF NOT isempty(missing) THEN
            RETURN QUERY SELECT 'legal_qualification_missing', true, lower(missing), upper(missing), '{}'::jsonb;
        END IF;
    END IF;
END $$;

-- The same for a case, with what only the case can tell: who investigates does not review or chair, and the
-- other way round, even after having been released (行政处罚法 58, 64).
CREATE OR REPLACE FUNCTION assignment_gaps(p_case uuid, p_officer uuid, p_role text, p_from date, p_to date)
RETURNS TABLE (code text, hard boolean, starts date, ends date, detail jsonb)
LANGUAGE sql STABLE ROWS 3
BEGIN ATOMIC
    SELECT g.* FROM (SELECT p_case AS id) AS asked LEFT JOIN case_file c USING (id), -- no such case: nowhere posted
         clearance_gaps(p_officer, p_role, c.field, c.unit, p_from, p_to) g
    UNION ALL
    SELECT 'role_conflict', true, p_from, p_to, jsonb_build_object('role', other.role)
    FROM (SELECT DISTINCT a.role FROM assignment a
          WHERE a.case_file = p_case AND a.officer = p_officer
            AND (a.role IN ('lead', 'co_handler')) <> (p_role IN ('lead', 'co_handler'))
            AND a.role <> 'observer' AND p_role <> 'observer') AS other;
END;

CREATE OR REPLACE FUNCTION gaps_as_json(p_case uuid, p_officer uuid, p_role text, p_from date, p_to date)
RETURNS jsonb LANGUAGE sql STABLE
RETURN (SELECT COALESCE(jsonb_agg(to_jsonb(g) ORDER BY g.hard DESC, g.starts, g.code), '[]')
        FROM assignment_gaps(p_case, p_officer, p_role, p_from, p_to) g);

-- The versions of the facts an answer stood on. Facts are never changed, so their ids are their versions.
CREATE OR REPLACE FUNCTION clearance_facts(p_officer uuid, p_from date, p_to date) RETURNS jsonb LANGUAGE sql STABLE
RETURN jsonb_build_object(
    'service', (SELECT COALESCE(jsonb_agg(id ORDER BY id), '[]') FROM service
                WHERE officer = p_officer AND superseded_at IS NULL AND daterange(valid_from, valid_to) && daterange(p_from, p_to)),
    'establishment', (SELECT COALESCE(jsonb_agg(id ORDER BY id), '[]') FROM establishment
                WHERE officer = p_officer AND superseded_at IS NULL AND daterange(valid_from, valid_to) && daterange(p_from, p_to)),
    'posting', (SELECT COALESCE(jsonb_agg(id ORDER BY id), '[]') FROM posting
                WHERE officer = p_officer AND superseded_at IS NULL AND daterange(valid_from, valid_to) && daterange(p_from, p_to)),
    'certificate', (SELECT COALESCE(jsonb_agg(id ORDER BY id), '[]') FROM certificate
                WHERE officer = p_officer AND superseded_at IS NULL),
    'certificate_event', (SELECT COALESCE(jsonb_agg(id ORDER BY id), '[]') FROM certificate_event
                WHERE officer = p_officer AND superseded_at IS NULL AND verb IN ('suspend', 'revoke', 'cancel', 'report_lost')),
    'legal_qualification', (SELECT COALESCE(jsonb_agg(id ORDER BY id), '[]') FROM legal_qualification
                WHERE officer = p_officer AND superseded_at IS NULL));

CREATE OR REPLACE FUNCTION record_decision(
    p_kind text, p_case uuid, p_officer uuid, p_role text, p_from date, p_to date, p_gaps jsonb, p_by uuid, p_door text)
RETURNS uuid LANGUAGE sql
BEGIN ATOMIC
    INSERT INTO decision (number, at, kind, officer, role, field, unit, case_file, valid_from, valid_to,
                          allowed, gaps, facts, rule_version, by, door)
    SELECT nextval('decision_number'), now(), p_kind, p_officer, p_role, c.field, c.unit, c.id, p_from, p_to,
           NOT jsonb_path_exists(p_gaps, '$[*] ? (@.hard == true)'), p_gaps,
           clearance_facts(p_officer, p_from, p_to), gate_rule_version(), p_by, p_door
    FROM case_file c WHERE c.id = p_case
    RETURNING id;
END;

-- The guard on assignments. Order of locks: the officer's turn, then the case.
CREATE OR REPLACE FUNCTION assignment_is_cleared() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
DECLARE
    gaps jsonb;
    case_status text;
BEGIN
    CALL take_turn(NEW.officer);
    UPDATE case_file SET turn = turn + 1 WHERE id = NEW.case_file RETURNING status INTO case_status;
    IF case_status IS DISTINCT FROM 'open' THEN
        RAISE EXCEPTION 'nobody is assigned to a case that is not open'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'case_is_open';
    END IF;
    gaps := gaps_as_json(NEW.case_file, NEW.officer, NEW.role, NEW.valid_from, NEW.valid_to);
    IF jsonb_path_exists(gaps, '$[*] ? (@.hard == true)') THEN
        RAISE EXCEPTION 'not cleared: %', (SELECT string_agg(g->>'code', ', ') FROM jsonb_array_elements(gaps) g)
            USING ERRCODE = 'check_violation', CONSTRAINT = 'not_cleared', DETAIL = gaps::text;
    END IF;
    NEW.recorded_at := now();
    NEW.ended_at := NULL; NEW.ended_by := NULL; NEW.ending := NULL; NEW.ending_reason := ''; NEW.ending_decision := NULL;
    NEW.decision := record_decision('assign', NEW.case_file, NEW.officer, NEW.role, NEW.valid_from, NEW.valid_to,
                                    gaps, NEW.recorded_by, NEW.door);
    RETURN NEW;
END $$;

-- An assignment can only end, once, now; anything else would be a way around the guard.
CREATE OR REPLACE FUNCTION assignment_only_ends() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL AND NEW.ending IS NOT NULL
       AND (to_jsonb(NEW) - ARRAY['ended_at', 'ended_by', 'ending', 'ending_reason', 'ending_decision'])
         = (to_jsonb(OLD) - ARRAY['ended_at', 'ended_by', 'ending', 'ending_reason', 'ending_decision']) THEN
        NEW.ended_at := now();
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% on assignment: an assignment can only end; release it and assign again', TG_OP
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'assignment_only_ends';
END $$;

-- A case keeps its handlers cleared when its unit or field is corrected, or it refuses the correction.
CREATE OR REPLACE FUNCTION case_keeps_its_team_cleared() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
DECLARE
    member record;
    gaps jsonb;
BEGIN
    FOR member IN SELECT * FROM assignment a WHERE a.case_file = NEW.id AND a.ended_at IS NULL ORDER BY a.officer LOOP
        CALL take_turn(member.officer);
        gaps := gaps_as_json(NEW.id, member.officer, member.role,
                             greatest(member.valid_from, least(shanghai_today(), member.valid_to - 1)), member.valid_to);
        IF jsonb_path_exists(gaps, '$[*] ? (@.hard == true)') THEN
            RAISE EXCEPTION 'not cleared: a handler of this case would no longer be cleared'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'not_cleared', DETAIL = gaps::text;
        END IF;
    END LOOP;
    RETURN NULL;
END $$;

-- Ends every open assignment of an officer whose first remaining day is no longer cleared.
-- Later days are left to the clock: somebody suspended from the 1st may work until the 31st.
-- It takes the turn itself: the nightly sweep must not pass a fact that is being written at midnight.
-- An assignment somebody else is just ending is waited for, not ended twice.
CREATE OR REPLACE FUNCTION stand_down(p_officer uuid, p_today date, p_by uuid) RETURNS integer LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
DECLARE
    duty record;
    first_day date;
    gaps jsonb;
    ended integer := 0;
BEGIN
    IF NOT EXISTS (SELECT FROM assignment a
                   WHERE a.officer = p_officer AND a.ended_at IS NULL AND a.valid_to > p_today) THEN
        RETURN 0;
    END IF;
    CALL take_turn(p_officer);
    FOR duty IN SELECT * FROM assignment a
                WHERE a.officer = p_officer AND a.ended_at IS NULL AND a.valid_to > p_today
                ORDER BY a.id FOR UPDATE LOOP
        first_day := greatest(duty.valid_from, p_today);
        SELECT COALESCE(jsonb_agg(to_jsonb(g) ORDER BY g.starts, g.code), '[]') INTO gaps
        FROM (SELECT duty.case_file AS id) AS asked LEFT JOIN case_file c USING (id),
             clearance_gaps(duty.officer, duty.role, c.field, c.unit, first_day, first_day + 1) g
        WHERE g.hard;
        CONTINUE WHEN gaps = '[]';
        UPDATE assignment SET ended_at = now(), ending = 'stood_down', ended_by = p_by,
               ending_decision = record_decision('stand_down', duty.case_file, duty.officer, duty.role,
                                                 first_day, duty.valid_to, gaps, p_by, 'gate')
        WHERE id = duty.id;
        ended := ended + 1;
    END LOOP;
    RETURN ended;
END $$;

-- Runs when the transaction commits (or at SET CONSTRAINTS ALL IMMEDIATE): a correction is two writes, and
-- between them nobody should stand down. The officer's turn was taken before the fact was written. The day is
-- that of the commit: a transaction begun before midnight must not leave today's suspension to the next sweep.
-- A superseded fact names who recorded it; who ended it is whoever recorded its successor, if there is one.
CREATE OR REPLACE FUNCTION fact_stands_down() RETURNS trigger LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
DECLARE
    changed_by uuid := NEW.recorded_by;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        EXECUTE format('SELECT recorded_by FROM %I WHERE series = $1 AND superseded_at IS NULL', TG_TABLE_NAME)
            INTO changed_by USING NEW.series;
    END IF;
    PERFORM stand_down(NEW.officer, (clock_timestamp() AT TIME ZONE 'Asia/Shanghai')::date, changed_by);
    RETURN NULL;
END $$;

-- One call for the application: locks, asks, and either assigns or keeps the refusal.
CREATE OR REPLACE FUNCTION assign_officer(
    p_case uuid, p_officer uuid, p_role text, p_from date, p_to date, p_by uuid, p_door text,
    OUT assignment uuid, OUT decision uuid, OUT gaps jsonb)
LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
DECLARE
    refused text;
    broken text;
BEGIN
    CALL take_turn(p_officer); -- outside the block below: what it locks must outlive a refusal
    BEGIN
        INSERT INTO assignment AS a (case_file, officer, role, valid_from, valid_to, recorded_by, door)
        VALUES (p_case, p_officer, p_role, p_from, p_to, p_by, p_door)
        RETURNING a.id, a.decision INTO assignment, decision;
        gaps := (SELECT d.gaps FROM decision d WHERE d.id = assign_officer.decision);
    EXCEPTION WHEN check_violation THEN
        GET STACKED DIAGNOSTICS refused = PG_EXCEPTION_DETAIL, broken = CONSTRAINT_NAME;
        IF broken <> 'not_cleared' THEN
            RAISE;
        END IF;
        gaps := refused::jsonb;
        decision := record_decision('assign', p_case, p_officer, p_role, p_from, p_to, gaps, p_by, p_door);
    END;
END $$;

CREATE OR REPLACE TRIGGER c_cleared BEFORE INSERT ON assignment
    FOR EACH ROW EXECUTE FUNCTION assignment_is_cleared();
CREATE OR REPLACE TRIGGER c_only_ends BEFORE UPDATE OR DELETE ON assignment
    FOR EACH ROW EXECUTE FUNCTION assignment_only_ends();
CREATE OR REPLACE TRIGGER c_no_truncate BEFORE TRUNCATE ON assignment
    FOR EACH STATEMENT EXECUTE FUNCTION log_is_append_only();
CREATE OR REPLACE TRIGGER c_keeps_team AFTER UPDATE OF unit, field ON case_file
    FOR EACH ROW WHEN ((OLD.unit, OLD.field) IS DISTINCT FROM (NEW.unit, NEW.field))
    EXECUTE FUNCTION case_keeps_its_team_cleared();
ALTER TABLE assignment ENABLE ALWAYS TRIGGER c_cleared;
ALTER TABLE assignment ENABLE ALWAYS TRIGGER c_only_ends;
ALTER TABLE assignment ENABLE ALWAYS TRIGGER c_no_truncate;
ALTER TABLE case_file ENABLE ALWAYS TRIGGER c_keeps_team;
CALL guard_log('decision');

DO $$
DECLARE facts text;
BEGIN
    FOREACH facts IN ARRAY ARRAY['service', 'establishment', 'legal_qualification', 'posting', 'certificate', 'certificate_event']
    LOOP
        EXECUTE format('DROP TRIGGER IF EXISTS d_stands_down ON %I', facts);
        EXECUTE format('CREATE CONSTRAINT TRIGGER d_stands_down AFTER INSERT OR UPDATE ON %I
                        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION fact_stands_down()', facts);
        EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER d_stands_down', facts);
    END LOOP;
END $$;
