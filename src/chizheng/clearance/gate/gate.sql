-- The gate. Each rule of clearance is defined here and nowhere else; pages, API, imports and raw SQL all meet it.
-- Repeatable: applied again whenever this text changes. Change a rule, and change gate_rule_version() with it.
--
-- Every rule is put the same way: which days of the question does it leave uncovered? Days are half-open
-- ranges of Shanghai days. Only live facts count (superseded_at IS NULL). What is unknown is not cleared.

CREATE OR REPLACE FUNCTION gate_rule_version() RETURNS text LANGUAGE sql IMMUTABLE RETURN '2026.11-1';

-- What each role asks of its holder; null for a role nobody knows. A reviewer reads files and needs no field of
-- their own, but the legal qualification (行政处罚法 58); an observer never counts and only has to be there and in service.
-- Whoever needs a certificate needs it for the place, too.
CREATE OR REPLACE FUNCTION role_needs(p_role text) RETURNS text[] LANGUAGE sql IMMUTABLE RETURN CASE p_role
    WHEN 'lead'           THEN ARRAY['establishment', 'certificate', 'field']
    WHEN 'co_handler'     THEN ARRAY['establishment', 'certificate', 'field']
    WHEN 'legal_reviewer' THEN ARRAY['establishment', 'certificate', 'legal']
    WHEN 'hearing_chair'  THEN ARRAY['establishment', 'certificate']
    WHEN 'observer'       THEN ARRAY[]::text[]
END;

-- What is missing on which of the days asked about, by an officer's standing and what their role needs. Procedural:
-- docs/decisions/0004. Every expression costs, so what is only wanted for a gap, the words about it too (which status,
-- since when), is worked out where there is one. Names are written with their schema instead of setting a
-- search_path, which would cost a third of the whole.
CREATE OR REPLACE FUNCTION standing_gaps(
    standing public.officer_standing, needs text[], p_field text, p_unit uuid, here uuid[], asked daterange)
RETURNS clearance_gap[]
LANGUAGE plpgsql STABLE AS $$
DECLARE
    gaps public.clearance_gap[] := '{}';
    held public.held_certificate;
    bar public.certificate_bar;
    used public.standing_use;
    days daterange;
    posted datemultirange;
    missing datemultirange;
BEGIN
    -- A question without a known role, a known place or a single day is never answered with yes.
    IF needs IS NULL OR isempty(asked) OR (here = '{}' AND p_unit IS NOT NULL) THEN
        gaps := gaps || ROW('question_unclear', true, lower(asked), upper(asked), '{}'::jsonb)::public.clearance_gap;
    END IF;

    -- In service throughout (公务员法).
    IF (asked <@ standing.in_service) IS NOT TRUE THEN
        missing := datemultirange(asked) - standing.in_service;
        gaps := gaps || ROW('not_in_service', true, lower(missing), upper(missing),
            (SELECT jsonb_build_object('status', s.status) FROM public.service s
             WHERE s.officer = standing.officer AND s.superseded_at IS NULL
               AND daterange(s.valid_from, s.valid_to) @> lower(missing)))::public.clearance_gap;
    END IF;

    -- In establishment throughout (行政处罚法 42; 河南 20; 山东 10).
    IF (asked <@ standing.in_establishment) IS NOT TRUE AND 'establishment' = ANY (needs) THEN
        missing := datemultirange(asked) - standing.in_establishment;
        gaps := gaps || ROW('not_in_establishment', true, lower(missing), upper(missing),
            (SELECT jsonb_build_object('type', e.type) FROM public.establishment e
             WHERE e.officer = standing.officer AND e.superseded_at IS NULL
               AND daterange(e.valid_from, e.valid_to) @> lower(missing)))::public.clearance_gap;
    END IF;

    IF 'certificate' = ANY (needs) THEN
        -- A certificate at all (行政处罚法 42, 76), and one that has begun.
        IF (asked <@ standing.certified) IS NOT TRUE THEN
            held := standing.certificates[1];
            days := asked * daterange(NULL, lower(standing.certified));
            IF held IS NULL THEN
                gaps := gaps || ROW('no_certificate', true, lower(days), upper(days), '{}'::jsonb)::public.clearance_gap;
            ELSE
                gaps := gaps || ROW('certificate_not_started', true, lower(days), upper(days),
                    jsonb_build_object('number', held.number, 'valid_from', lower(held.valid)))::public.clearance_gap;
            END IF;
        END IF;
        FOREACH held IN ARRAY standing.certificates LOOP
            CONTINUE WHEN NOT asked && held.days;
            days := asked * held.days;
            IF NOT days <@ held.valid THEN
                missing := datemultirange(days) - datemultirange(held.valid);
                gaps := gaps || ROW('certificate_expired', true, lower(missing), upper(missing),
                    jsonb_build_object('number', held.number, 'valid_to', upper(held.valid)))::public.clearance_gap;
            END IF;
            -- Within the certificate's category and area (交通证件规定 22).
            IF (p_field = ANY (held.fields)) IS NOT TRUE AND 'field' = ANY (needs) THEN
                gaps := gaps || ROW('field_not_covered', true, lower(days), upper(days),
                    jsonb_build_object('number', held.number, 'fields', to_jsonb(held.fields), 'field', p_field))::public.clearance_gap;
            END IF;
            IF (held.area = ANY (here)) IS NOT TRUE THEN
                gaps := gaps || ROW('area_not_covered', true, lower(days), upper(days),
                    jsonb_build_object('number', held.number, 'area', held.area))::public.clearance_gap;
            END IF;
        END LOOP;
        FOREACH bar IN ARRAY standing.bars LOOP
            CONTINUE WHEN NOT asked && bar.days;
            days := asked * bar.days;
            gaps := gaps || ROW(
                CASE bar.verb WHEN 'suspend' THEN 'certificate_suspended' WHEN 'cancel' THEN 'certificate_cancelled'
                              WHEN 'report_lost' THEN 'certificate_lost' ELSE 'certificate_revoked' END,
                true, lower(days), upper(days),
                jsonb_build_object('number', bar.number, 'since', bar.since, 'due_on', bar.due_on))::public.clearance_gap;
        END LOOP;
    END IF;

    -- Posted to the use of this bureau throughout (区属、镇管、镇用). A bureau's officers serve its squads, and back.
    FOREACH used IN ARRAY standing.used LOOP
        IF p_unit = ANY (used.within) OR used.unit = ANY (here) THEN
            posted := COALESCE(posted, '{}') + datemultirange(used.days);
        ELSIF used.lent AND asked && used.days THEN
            -- Lent to another unit on days of the question: soft, an approver may accept it.
            days := asked * used.days;
            gaps := gaps || ROW('borrowed_out', false, lower(days), upper(days), jsonb_build_object('unit', used.unit))::public.clearance_gap;
        END IF;
    END LOOP;
    IF (asked <@ posted) IS NOT TRUE THEN
        missing := datemultirange(asked) - COALESCE(posted, '{}');
        gaps := gaps || ROW('not_posted_here', true, lower(missing), upper(missing), '{}'::jsonb)::public.clearance_gap;
    END IF;

    -- The legal qualification of a first-time reviewer (行政处罚法 58).
    IF 'legal' = ANY (needs) AND (asked <@ standing.legally_qualified) IS NOT TRUE THEN
        missing := datemultirange(asked) - standing.legally_qualified;
        gaps := gaps || ROW('legal_qualification_missing', true, lower(missing), upper(missing), '{}'::jsonb)::public.clearance_gap;
    END IF;
    RETURN gaps;
END $$;

-- The gate's answer to one question, in one row. Empty is cleared; null is no answer.
CREATE OR REPLACE FUNCTION clearance_answer(p_officer uuid, p_role text, p_field text, p_unit uuid, p_from date, p_to date)
RETURNS TABLE (gaps clearance_gap[])
LANGUAGE sql STABLE ROWS 1
BEGIN ATOMIC
    SELECT standing_gaps(
        -- Somebody nobody knows has no standing kept; the one put together for them is empty.
        COALESCE((SELECT s FROM officer_standing s WHERE s.officer = p_officer), standing_of(p_officer)),
        role_needs(p_role), p_field,
        p_unit, ARRAY(SELECT a.ancestor FROM unit_ancestor a WHERE a.unit = p_unit), -- `here`: it, and those above it
        daterange(p_from, p_to));
END;

CREATE OR REPLACE FUNCTION clearance_gaps(p_officer uuid, p_role text, p_field text, p_unit uuid, p_from date, p_to date)
RETURNS SETOF clearance_gap
LANGUAGE sql STABLE ROWS 3
BEGIN ATOMIC
    SELECT g.* FROM clearance_answer(p_officer, p_role, p_field, p_unit, p_from, p_to) answer, unnest(answer.gaps) g;
END;

-- The same for a case, with what only the case can tell: who investigates does not review or chair, and the
-- other way round, even after having been released (行政处罚法 58, 64).
CREATE OR REPLACE FUNCTION assignment_answer(p_case uuid, p_officer uuid, p_role text, p_from date, p_to date)
RETURNS TABLE (gaps clearance_gap[])
LANGUAGE sql STABLE ROWS 1
BEGIN ATOMIC
    SELECT CASE WHEN answer.gaps IS NOT NULL THEN answer.gaps || ARRAY(
        SELECT ROW('role_conflict', true, p_from, p_to, jsonb_build_object('role', other.role))::clearance_gap
        FROM (SELECT DISTINCT a.role FROM assignment a
              WHERE a.case_file = p_case AND a.officer = p_officer
                AND (a.role IN ('lead', 'co_handler')) <> (p_role IN ('lead', 'co_handler'))
                AND a.role <> 'observer' AND p_role <> 'observer') AS other) END
    FROM (SELECT p_case AS id) AS asked LEFT JOIN case_file c USING (id), -- no such case: nowhere posted
         LATERAL (SELECT a.gaps FROM clearance_answer(p_officer, p_role, c.field, c.unit, p_from, p_to) a
                  OFFSET 0) answer; -- asked once, though named twice
END;

CREATE OR REPLACE FUNCTION assignment_gaps(p_case uuid, p_officer uuid, p_role text, p_from date, p_to date)
RETURNS SETOF clearance_gap
LANGUAGE sql STABLE ROWS 3
BEGIN ATOMIC
    SELECT g.* FROM assignment_answer(p_case, p_officer, p_role, p_from, p_to) answer, unnest(answer.gaps) g;
END;

CREATE OR REPLACE FUNCTION gaps_as_json(p_case uuid, p_officer uuid, p_role text, p_from date, p_to date)
RETURNS jsonb LANGUAGE plpgsql STABLE
SET search_path = public, pg_temp AS $$
DECLARE
    gaps clearance_gap[];
BEGIN
    SELECT answer.gaps INTO gaps FROM assignment_answer(p_case, p_officer, p_role, p_from, p_to) answer;
    IF gaps IS NULL THEN
        RAISE EXCEPTION 'the gate gave no answer' USING ERRCODE = 'check_violation', CONSTRAINT = 'gate_answers';
    ELSIF gaps = '{}' THEN
        RETURN '[]';
    END IF;
    RETURN (SELECT jsonb_agg(to_jsonb(g) ORDER BY g.hard DESC, g.starts, g.code) FROM unnest(gaps) g);
END $$;

-- Keeps a decision, with the versions of the facts it stood on: facts are never changed, so their ids are their versions.
CREATE OR REPLACE FUNCTION record_decision(
    p_kind text, p_case uuid, p_officer uuid, p_role text, p_from date, p_to date, p_gaps jsonb, p_by uuid, p_door text)
RETURNS uuid LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
DECLARE
    kept uuid;
BEGIN
    INSERT INTO decision (number, at, kind, officer, role, field, unit, case_file, valid_from, valid_to,
                          allowed, gaps, facts, rule_version, by, door)
    SELECT nextval('decision_number'), now(), p_kind, p_officer, p_role, c.field, c.unit, c.id, p_from, p_to,
           NOT jsonb_path_exists(p_gaps, '$[*] ? (@.hard == true)'), p_gaps,
           (SELECT COALESCE(jsonb_object_agg(used.kind, used.ids), '{}')
            FROM (SELECT fact.kind, jsonb_agg(fact.id) AS ids
                  FROM officer_standing s, unnest(s.facts) fact
                  WHERE s.officer = p_officer AND fact.days && daterange(p_from, p_to)
                  GROUP BY fact.kind) used),
           gate_rule_version(), p_by, p_door
    FROM case_file c WHERE c.id = p_case
    RETURNING id INTO kept;
    RETURN kept;
END $$;

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
    OUT assignment uuid, OUT decision uuid, OUT number bigint, OUT gaps jsonb)
LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
DECLARE
    broken text;
BEGIN
    LOOP
        BEGIN
            INSERT INTO assignment AS a (case_file, officer, role, valid_from, valid_to, recorded_by, door)
            VALUES (p_case, p_officer, p_role, p_from, p_to, p_by, p_door)
            RETURNING a.id, a.decision INTO assignment, decision;
            EXIT;
        EXCEPTION WHEN check_violation THEN
            GET STACKED DIAGNOSTICS broken = CONSTRAINT_NAME;
            IF broken <> 'not_cleared' THEN
                RAISE;
            END IF;
        END;
        -- The officer's turn was given back with the refused row. Taken again, the gate is asked again: the refusal
        -- that is kept stands on the facts of that moment, and if they have just changed the row is tried once more.
        CALL take_turn(p_officer);
        gaps := gaps_as_json(p_case, p_officer, p_role, p_from, p_to);
        IF jsonb_path_exists(gaps, '$[*] ? (@.hard == true)') THEN
            decision := record_decision('assign', p_case, p_officer, p_role, p_from, p_to, gaps, p_by, p_door);
            EXIT;
        END IF;
    END LOOP;
    SELECT d.number, d.gaps INTO number, gaps FROM decision d WHERE d.id = assign_officer.decision;
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
