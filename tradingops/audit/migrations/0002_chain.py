from django.db import migrations

#: Where a change waits for the commit of its transaction: empty outside of one, and nobody's to write but the rules'.
WAITING = """
CREATE UNLOGGED TABLE audit_waiting (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    last boolean NOT NULL DEFAULT false,
    actor jsonb NOT NULL,
    action text NOT NULL,
    about text NOT NULL,
    key text NOT NULL,
    before jsonb,
    after jsonb
);
REVOKE ALL ON audit_waiting FROM PUBLIC;
"""
#: Who acts, as the transaction was told; what the server itself knows stands in for what it was not.
ACTOR = """
CREATE FUNCTION tradingops_audit_actor() RETURNS jsonb LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
DECLARE
    told jsonb := COALESCE(nullif(current_setting('tradingops.actor', true), '')::jsonb, '{}'::jsonb);
BEGIN
    RETURN jsonb_build_object(
        'actor', COALESCE(told ->> 'actor', ''), 'actor_id', told -> 'actor_id',
        'address', COALESCE(told ->> 'address', host(inet_client_addr()), 'local'),
        'path', COALESCE(told ->> 'path', current_setting('application_name')));
END $$;
"""
NOTE = """
CREATE FUNCTION tradingops_audit_note(action text, about text, key text, before jsonb, after jsonb)
RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    INSERT INTO audit_waiting (actor, action, about, key, before, after)
    VALUES (tradingops_audit_actor(), action, about, key, before, after);
$$;
REVOKE ALL ON FUNCTION tradingops_audit_note(text, text, text, jsonb, jsonb) FROM PUBLIC;
"""
#: Arguments: table, key, secret columns, quiet columns. An update tells the columns that changed.
AUDIT = """
CREATE FUNCTION tradingops_audit() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE
    was jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END;
    becomes jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END;
    key CONSTANT text := COALESCE(becomes, was) ->> TG_ARGV[1];
    hidden text;
    before jsonb := was;
    after jsonb := becomes;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        SELECT jsonb_object_agg(each.key, each.value), jsonb_object_agg(each.key, becomes -> each.key)
          INTO before, after
          FROM jsonb_each(was) AS each
         WHERE each.value IS DISTINCT FROM becomes -> each.key
           AND each.key <> ALL (string_to_array(TG_ARGV[3], ','));
        IF before IS NULL THEN RETURN NULL; END IF;
    END IF;
    FOREACH hidden IN ARRAY string_to_array(TG_ARGV[2], ',') LOOP
        IF before ? hidden THEN before := before || jsonb_build_object(hidden, 'not shown'); END IF;
        IF after ? hidden THEN
            after := after || jsonb_build_object(hidden, CASE TG_OP WHEN 'UPDATE' THEN 'changed' ELSE 'not shown' END);
        END IF;
    END LOOP;
    PERFORM tradingops_audit_note(lower(TG_OP), TG_ARGV[0], key, before, after);
    RETURN NULL;
END $$;
"""
#: What a person said: its payload, and the payload of what was last said of the same scope, lesson or policy.
ACT = """
CREATE FUNCTION tradingops_audit_payload(said jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE
SET search_path = public, pg_temp AS $$
    SELECT jsonb_object_agg(each.key, each.value) FROM jsonb_each(said) AS each
     WHERE (starts_with(each.key, 'op_') OR each.key IN ('symbol', 'tags', 'parent_id')) AND each.value <> 'null'
$$;
CREATE FUNCTION tradingops_audit_act() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE
    before jsonb;
BEGIN
    IF NEW.kind IN ('halt', 'policy_changed', 'lesson_verdict') THEN
        SELECT tradingops_audit_payload(to_jsonb(earlier)) INTO before FROM op_strands AS earlier
         WHERE earlier.kind = NEW.kind AND earlier.said < NEW.said
           AND CASE NEW.kind
                    WHEN 'halt' THEN earlier.op_halt -> 'scope' = NEW.op_halt -> 'scope'
                    WHEN 'lesson_verdict' THEN earlier.op_verdict -> 'lesson_id' = NEW.op_verdict -> 'lesson_id'
                    ELSE earlier.tags = NEW.tags AND earlier.symbol IS NOT DISTINCT FROM NEW.symbol END
         ORDER BY earlier.said DESC LIMIT 1;
    END IF;
    PERFORM tradingops_audit_note(NEW.kind, 'op_strands', NEW.id, before,
                                  tradingops_audit_payload(to_jsonb(NEW)));
    RETURN NULL;
END $$;
"""
#: What changes no table. Only what is named here may be recorded so, as everybody who may write may ask for it.
EVENT = """
CREATE FUNCTION tradingops_audit_event(what text, whose text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
    IF what IS NULL OR what NOT IN ('sign_in', 'sign_out', 'sign_in_failed', 'sign_in_refused', 'reprojected',
                                    'exported', 'roles_given') THEN
        RAISE EXCEPTION 'audit: % is recorded by no request', what USING ERRCODE = 'check_violation',
              HINT = 'Changes of tables are recorded by themselves.';
    END IF;
    PERFORM tradingops_audit_note(what, 'session', COALESCE(left(whose, 200), ''), NULL, NULL);
END $$;
"""
#: The text that is hashed, told of what is stored: moments to the microsecond in UTC, objects as the database writes
#: them, keys in its order, and all of it as an array of texts, so that no two records have one text.
TEXT = """
CREATE FUNCTION tradingops_audit_text(one audit_records) RETURNS text LANGUAGE sql STABLE
SET search_path = public, pg_temp AS $$
    SELECT to_jsonb(ARRAY[
        one.number::text, to_char(one.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), one.actor,
        one.actor_id::text, one.address, one.path, one.role, one.action, one.about, one.key, one.before::text,
        one.after::text, one.previous])::text
$$;
"""
#: At commit: the first round of deferred rules hands over to a second, in which no rule is left that could wait for
#: another transaction while this one holds the chain.
CHAIN = """
CREATE FUNCTION tradingops_audit_chain() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE
    head audit_head;
    link audit_records;
BEGIN
    IF NOT NEW.last THEN
        UPDATE audit_waiting SET last = true WHERE id = NEW.id;
        RETURN NULL;
    END IF;
    PERFORM pg_advisory_xact_lock(1635083369);
    SELECT * INTO head FROM audit_head;
    link.number := COALESCE(head.number, 0) + 1;
    link.previous := COALESCE(head.hash, repeat('0', 64));
    link.at := clock_timestamp();
    link.actor := NEW.actor ->> 'actor';
    link.actor_id := NEW.actor ->> 'actor_id';
    link.address := NEW.actor ->> 'address';
    link.path := NEW.actor ->> 'path';
    link.role := session_user;
    link.action := NEW.action;
    link.about := NEW.about;
    link.key := NEW.key;
    link.before := NEW.before;
    link.after := NEW.after;
    link.hash := encode(sha256(convert_to(tradingops_audit_text(link), 'UTF8')), 'hex');
    INSERT INTO audit_records SELECT link.*;
    INSERT INTO audit_head (id, number, hash) VALUES (1, link.number, link.hash)
        ON CONFLICT (id) DO UPDATE SET number = excluded.number, hash = excluded.hash;
    DELETE FROM audit_waiting WHERE id = NEW.id;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER chained AFTER INSERT OR UPDATE ON audit_waiting DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION tradingops_audit_chain();
ALTER TABLE audit_waiting ENABLE ALWAYS TRIGGER chained;
"""
#: The chain is added to; its owner alone may cut off its oldest part, which is recorded in the chain.
KEPT = """
CREATE FUNCTION tradingops_audit_stays() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP <> 'UPDATE' AND COALESCE(current_setting('tradingops.may_erase', true), '') = 'on'
       AND pg_has_role(current_user, (SELECT relowner FROM pg_class WHERE oid = TG_RELID), 'USAGE') THEN
        RETURN CASE TG_OP WHEN 'DELETE' THEN OLD END;
    END IF;
    RAISE EXCEPTION 'the audit is append-only: % refused on %', TG_OP, TG_TABLE_NAME
          USING ERRCODE = 'check_violation', HINT = 'Only its owner may cut off its oldest part.';
END $$;
CREATE TRIGGER audit_stays BEFORE UPDATE OR DELETE ON audit_records
    FOR EACH ROW EXECUTE FUNCTION tradingops_audit_stays();
CREATE TRIGGER audit_is_not_emptied BEFORE TRUNCATE ON audit_records
    FOR EACH STATEMENT EXECUTE FUNCTION tradingops_audit_stays();
ALTER TABLE audit_records ENABLE ALWAYS TRIGGER audit_stays, ENABLE ALWAYS TRIGGER audit_is_not_emptied;
CREATE FUNCTION tradingops_cut_audit(older_than timestamptz) RETURNS bigint LANGUAGE plpgsql
SET search_path = public, pg_temp AS $$
DECLARE
    edge audit_records;
    gone bigint;
BEGIN
    SELECT * INTO edge FROM audit_records WHERE at < older_than ORDER BY number DESC LIMIT 1;
    IF edge.number IS NULL THEN RETURN 0; END IF;
    PERFORM set_config('tradingops.may_erase', 'on', true);
    DELETE FROM audit_records WHERE number <= edge.number;
    GET DIAGNOSTICS gone = ROW_COUNT;
    PERFORM set_config('tradingops.may_erase', '', true);
    PERFORM tradingops_audit_note('cut', 'audit_records', edge.number::text, NULL,
                                  jsonb_build_object('through', edge.number, 'hash', edge.hash));
    RETURN gone;
END $$;
REVOKE ALL ON FUNCTION tradingops_cut_audit(timestamptz) FROM PUBLIC;
"""
GONE = """
DROP TABLE audit_waiting;
DROP FUNCTION tradingops_cut_audit(timestamptz), tradingops_audit_event(text, text), tradingops_audit_chain(),
    tradingops_audit_text(audit_records), tradingops_audit_note(text, text, text, jsonb, jsonb),
    tradingops_audit_payload(jsonb), tradingops_audit_actor();
DROP FUNCTION tradingops_audit(), tradingops_audit_act(), tradingops_audit_stays() CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = [("tradingops_audit", "0001_records")]

    operations = [
        migrations.RunSQL([WAITING, ACTOR, NOTE, AUDIT, ACT, EVENT, TEXT, CHAIN, KEPT], GONE),
    ]
