"""Rules the database holds for policies: a version is published by its strand alone, on what is in force, by four eyes.

Each of them runs with the rights of who owns the tables, so the application needs none to read people's.
"""

from __future__ import annotations

#: The SQLSTATE of what lacks a second person, and of a version that was cut from another than is in force.
SECOND_PERSON, STALE = "EYES4", "STALE"

_HEAD = "LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$"
_ASKS = "LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$"

#: The policy for people has no term, so the one said last is in force.
NEEDS_SECOND = f"""
CREATE FUNCTION tradingops_policy_needs_second(named text) RETURNS boolean {_ASKS}
    SELECT COALESCE((
        SELECT content -> 'second_person' ? named
               OR named = 'people' AND COALESCE(content -> 'second_person', '[]') <> '[]'
          FROM policy_versions
         WHERE policy = 'people' AND symbol = '' AND said IS NOT NULL ORDER BY said DESC LIMIT 1), false)
$$;
"""
#: Whether somebody is active and holds a right on policies.
_MAY = f"""
CREATE OR REPLACE FUNCTION tradingops_policy_{{named}}(who bigint) RETURNS boolean {_ASKS}
    SELECT EXISTS (
        SELECT FROM auth_user AS person
         WHERE person.id = who AND person.is_active AND (person.is_superuser OR EXISTS (
               SELECT FROM auth_permission AS may
                 JOIN django_content_type AS kind ON kind.id = may.content_type_id
                WHERE kind.app_label = 'tradingops_policies' AND may.codename = '{{right}}'
                  AND (EXISTS (SELECT FROM auth_user_user_permissions AS own
                                WHERE own.user_id = who AND own.permission_id = may.id)
                       OR EXISTS (SELECT FROM auth_user_groups AS member
                                    JOIN auth_group_permissions AS role USING (group_id)
                                   WHERE member.user_id = who AND role.permission_id = may.id)))))
$$;
"""
MAY = _MAY.format(named="may", right="publish_version")
MAY_URGENTLY = _MAY.format(named="may_urgently", right="urgent_version")
IN_FORCE = f"""
CREATE FUNCTION tradingops_policy_in_force(named text, about text, moment timestamptz) RETURNS integer {_ASKS}
    SELECT COALESCE((
        SELECT number FROM policy_versions
         WHERE policy = named AND symbol = about AND said IS NOT NULL AND withdrawn IS NULL
           AND (begins IS NULL OR begins <= moment) AND (ends IS NULL OR moment < ends)
         ORDER BY said DESC LIMIT 1), 0)
$$;
"""
#: How many people stand behind a version: known authors, and those who approve now as then and wrote none of it.
#: An author whom the desk does not know as a person counts for nobody.
EYES = f"""
CREATE FUNCTION tradingops_policy_eyes(which bigint) RETURNS boolean {_ASKS}
    SELECT approving.people > 0 AND approving.people + writing.people > 1
      FROM (SELECT count(DISTINCT person) AS people FROM policy_approvals AS each
             WHERE version_id = which AND tradingops_policy_may(person) AND NOT EXISTS (
                   SELECT FROM policy_authors AS own WHERE own.version_id = which AND own.person = each.person)
           ) AS approving,
           (SELECT count(DISTINCT person) AS people FROM policy_authors WHERE version_id = which) AS writing
$$;
"""
SAID = f"""
CREATE OR REPLACE FUNCTION tradingops_policy_said() RETURNS trigger {_HEAD}
DECLARE
    told CONSTANT jsonb := COALESCE(NEW.op_policy, '{{}}');
    version policy_versions;
    starts timestamptz;
    stops timestamptz;
    counts integer;
    guarded text;
    alone boolean := false;
BEGIN
    IF current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted') THEN
        RAISE EXCEPTION 'policy: a % transaction does not see what is published meanwhile',
              current_setting('transaction_isolation')
              USING ERRCODE = 'check_violation', HINT = 'Publish in a read committed transaction.';
    END IF;
    IF NEW.kind = 'policy_changed' THEN
        FOR guarded IN SELECT split_part(tag, ':', 1) FROM jsonb_array_elements_text(NEW.tags) AS tag
                        WHERE tag LIKE '%:policy_changed' LOOP
            IF tradingops_policy_needs_second(guarded) THEN
                RAISE EXCEPTION 'policy %: needs a second person', guarded USING ERRCODE = '{SECOND_PERSON}',
                      HINT = 'Draft a version, submit it, and let somebody else approve it.';
            END IF;
        END LOOP;
        RETURN NULL;
    END IF;
    SELECT * INTO version FROM policy_versions
     WHERE policy = told ->> 'policy' AND symbol = COALESCE(NEW.symbol, '') AND number = (told ->> 'number')::integer
       FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'policy %: has no version %', told ->> 'policy', told ->> 'number'
              USING ERRCODE = 'check_violation', HINT = 'Draft the version first.';
    END IF;
    starts := (told ->> 'from')::timestamptz;
    stops := (told ->> 'until')::timestamptz;
    IF NEW.kind = 'publication_withdrawn' THEN
        IF version.publication IS DISTINCT FROM told ->> 'publication' OR version.withdrawn IS NOT NULL
           OR version.begins IS NULL OR version.begins <= NEW.at OR starts IS NOT NULL OR stops IS NOT NULL THEN
            RAISE EXCEPTION 'policy %: version % has no publication % that is yet to count', version.policy,
                  version.number, told ->> 'publication'
                  USING ERRCODE = 'check_violation', HINT = 'Publish another version over one that counts already.';
        END IF;
        IF tradingops_policy_needs_second(version.policy) THEN
            RAISE EXCEPTION 'policy %: withdrawing version % needs a second person', version.policy, version.number
                  USING ERRCODE = '{SECOND_PERSON}', HINT = 'Publish what is in force again: said later, it counts '
                        'instead, and needs whom any version needs.';
        END IF;
        UPDATE policy_versions SET withdrawn = NEW.id, state = 'retired' WHERE id = version.id;
        RETURN NULL;
    END IF;
    IF version.state NOT IN ('draft', 'review') THEN
        RAISE EXCEPTION 'policy %: version % is %', version.policy, version.number, version.state
              USING ERRCODE = 'check_violation',
                    HINT = 'Publish its content as a new version: manage.py policy rollback.';
    END IF;
    IF told -> 'content' IS DISTINCT FROM version.content OR told ->> 'hash' IS DISTINCT FROM version.hash THEN
        RAISE EXCEPTION 'policy %: what is said is not the content of version %', version.policy, version.number
              USING ERRCODE = 'check_violation', HINT = 'Say the content and the hash that the version has.';
    END IF;
    IF stops <= COALESCE(starts, NEW.at) THEN
        RAISE EXCEPTION 'policy %: until %: it would never count', version.policy, told ->> 'until'
              USING ERRCODE = 'check_violation', HINT = 'Give an end after its beginning, and after now.';
    END IF;
    IF version.policy = 'people' AND (starts IS NOT NULL OR stops IS NOT NULL) THEN
        RAISE EXCEPTION 'policy people: from, until: it has no term' USING ERRCODE = 'check_violation',
              HINT = 'Publish it from now on; another version ends it.';
    END IF;
    counts := tradingops_policy_in_force(version.policy, version.symbol, greatest(NEW.at, COALESCE(starts, NEW.at)));
    IF counts <> version.base THEN
        RAISE EXCEPTION 'policy %: version % was cut from version %, and % is in force', version.policy,
              version.number, version.base, counts
              USING ERRCODE = '{STALE}', HINT = 'Rebase it: a new draft on what is in force, to be approved anew.';
    END IF;
    IF tradingops_policy_needs_second(version.policy) AND NOT tradingops_policy_eyes(version.id) THEN
        alone := told -> 'urgent' = 'true' AND version.policy <> 'people'
                 AND tradingops_policy_may_urgently((tradingops_audit_actor() ->> 'actor_id')::bigint);
    END IF;
    IF tradingops_policy_needs_second(version.policy) AND NOT tradingops_policy_eyes(version.id) AND alone IS NOT TRUE
    THEN
        RAISE EXCEPTION 'policy %: version % needs a second person', version.policy, version.number
              USING ERRCODE = '{SECOND_PERSON}', HINT = 'Submit it, and let somebody approve it who is active, may '
                    'publish, and wrote none of it; what was written at the command line needs two.';
    END IF;
    IF starts IS NULL AND stops IS NULL THEN
        UPDATE policy_versions SET state = 'retired'
         WHERE policy = version.policy AND symbol = version.symbol AND state = 'published';
    END IF;
    UPDATE policy_versions
       SET state = 'published', publication = NEW.id, said = NEW.said, begins = starts, ends = stops,
           published_at = now(), urgent = COALESCE(alone, false)
     WHERE id = version.id;
    RETURN NULL;
END $$;
CREATE TRIGGER policies_are_published AFTER INSERT ON op_strands FOR EACH ROW
    WHEN (NEW.kind IN ('policy_published', 'publication_withdrawn', 'policy_changed'))
    EXECUTE FUNCTION tradingops_policy_said();
CREATE TRIGGER policies_are_changed AFTER UPDATE OF tags ON op_strands FOR EACH ROW
    WHEN (NEW.kind = 'policy_changed' AND NEW.tags IS DISTINCT FROM OLD.tags)
    EXECUTE FUNCTION tradingops_policy_said();
"""
KEPT = f"""
CREATE OR REPLACE FUNCTION tradingops_policy_version() RETURNS trigger {_HEAD}
DECLARE
    of_a_strand CONSTANT boolean := pg_trigger_depth() > 1;
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'policy %: version % stays', OLD.policy, OLD.number
              USING ERRCODE = 'check_violation', HINT = 'Decline what should not be published.';
    END IF;
    IF TG_OP = 'INSERT' THEN
        PERFORM pg_advisory_xact_lock(hashtextextended('policy ' || NEW.policy || ' of ' || NEW.symbol, 0));
        SELECT COALESCE(max(number), 0) + 1 INTO NEW.number
          FROM policy_versions WHERE policy = NEW.policy AND symbol = NEW.symbol;
        IF NEW.state <> 'draft' OR NEW.publication IS NOT NULL OR NEW.said IS NOT NULL OR NEW.urgent THEN
            RAISE EXCEPTION 'policy %: a version begins as a draft, and is published by its strand', NEW.policy
                  USING ERRCODE = 'check_violation', HINT = 'Insert a draft.';
        END IF;
        RETURN NEW;
    END IF;
    IF (NEW.id, NEW.policy, NEW.symbol, NEW.number, NEW.base, NEW.created_at)
       IS DISTINCT FROM (OLD.id, OLD.policy, OLD.symbol, OLD.number, OLD.base, OLD.created_at)
       OR (NEW.content, NEW.hash) IS DISTINCT FROM (OLD.content, OLD.hash) AND OLD.state <> 'draft' THEN
        RAISE EXCEPTION 'policy %: version % is %; what it holds stays', OLD.policy, OLD.number, OLD.state
              USING ERRCODE = 'check_violation', HINT = 'Begin a new draft.';
    END IF;
    IF (NEW.publication, NEW.said, NEW.begins, NEW.ends, NEW.published_at, NEW.withdrawn, NEW.urgent) IS DISTINCT FROM
       (OLD.publication, OLD.said, OLD.begins, OLD.ends, OLD.published_at, OLD.withdrawn, OLD.urgent)
       AND NOT of_a_strand
       OR NEW.state <> OLD.state AND NOT (OLD.state, NEW.state) IN (
              ('draft', 'review'), ('draft', 'declined'), ('review', 'declined'))
          AND NOT (of_a_strand AND (OLD.state, NEW.state) IN (
              ('draft', 'published'), ('review', 'published'), ('published', 'retired'))) THEN
        RAISE EXCEPTION 'policy %: version % is published by its strand alone', OLD.policy, OLD.number
              USING ERRCODE = CASE WHEN NEW.state = 'published' AND tradingops_policy_needs_second(OLD.policy)
                                    AND NOT tradingops_policy_eyes(OLD.id)
                                   THEN '{SECOND_PERSON}' ELSE 'check_violation' END,
                    HINT = 'Say a strand of kind policy_published with its content; what it needs is checked then.';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER kept BEFORE INSERT OR UPDATE OR DELETE ON policy_versions FOR EACH ROW
    EXECUTE FUNCTION tradingops_policy_version();
"""
WRITTEN = f"""
CREATE FUNCTION tradingops_policy_written() RETURNS trigger {_HEAD}
DECLARE
    actor CONSTANT jsonb := tradingops_audit_actor();
BEGIN
    IF TG_OP = 'UPDATE' AND (NEW.content, NEW.hash) IS NOT DISTINCT FROM (OLD.content, OLD.hash) THEN
        RETURN NULL;
    END IF;
    INSERT INTO policy_authors (version_id, person, name, at)
    VALUES (NEW.id, (actor ->> 'actor_id')::bigint,
            COALESCE(nullif(actor ->> 'actor', ''), 'database: ' || session_user), now())
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER written AFTER INSERT OR UPDATE OF content, hash ON policy_versions FOR EACH ROW
    EXECUTE FUNCTION tradingops_policy_written();
"""
SIGNED = f"""
CREATE OR REPLACE FUNCTION tradingops_policy_signed() RETURNS trigger {_HEAD}
DECLARE
    version policy_versions;
BEGIN
    IF TG_OP <> 'INSERT' OR TG_TABLE_NAME = 'policy_authors' AND pg_trigger_depth() < 2 THEN
        RAISE EXCEPTION '%: what stands there stays', TG_TABLE_NAME USING ERRCODE = 'check_violation',
              HINT = 'Authors are kept by the database, and nobody takes an approval back: decline the version.';
    END IF;
    IF TG_TABLE_NAME = 'policy_authors' THEN RETURN NEW; END IF;
    SELECT * INTO version FROM policy_versions WHERE id = NEW.version_id FOR SHARE;
    IF version.state <> 'review' AND NOT version.urgent OR version.hash <> NEW.hash THEN
        RAISE EXCEPTION 'policy %: version % is % with hash %, not in review with %', version.policy, version.number,
              version.state, left(version.hash, 12), left(NEW.hash, 12)
              USING ERRCODE = 'check_violation', HINT = 'Look at it anew, and approve what you see.';
    END IF;
    IF (tradingops_audit_actor() ->> 'actor_id')::bigint IS DISTINCT FROM NEW.person THEN
        RAISE EXCEPTION 'policy %: nobody approves for somebody else', version.policy
              USING ERRCODE = '{SECOND_PERSON}', HINT = 'Sign in as who approves.';
    END IF;
    IF NOT tradingops_policy_may(NEW.person) THEN
        RAISE EXCEPTION 'policy %: % may not approve it', version.policy, NEW.name
              USING ERRCODE = '{SECOND_PERSON}', HINT = 'Ask somebody active who may publish policies.';
    END IF;
    IF EXISTS (SELECT FROM policy_authors WHERE version_id = NEW.version_id AND person = NEW.person) THEN
        RAISE EXCEPTION 'policy %: % wrote some of version %', version.policy, NEW.name, version.number
              USING ERRCODE = '{SECOND_PERSON}', HINT = 'Ask somebody who wrote none of it.';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER signed BEFORE INSERT OR UPDATE OR DELETE ON policy_approvals FOR EACH ROW
    EXECUTE FUNCTION tradingops_policy_signed();
CREATE TRIGGER signed BEFORE INSERT OR UPDATE OR DELETE ON policy_authors FOR EACH ROW
    EXECUTE FUNCTION tradingops_policy_signed();
"""


#: Each rule with its table; they hold however a session replicates.
TRIGGERS = (
    ("policies_are_published", "op_strands"),
    ("policies_are_changed", "op_strands"),
    ("kept", "policy_versions"),
    ("written", "policy_versions"),
    ("signed", "policy_approvals"),
    ("signed", "policy_authors"),
)


def sql() -> list[str]:
    """Return the statements that put the rules in place."""
    always = [f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}" for name, table in TRIGGERS]
    return [NEEDS_SECOND, MAY, IN_FORCE, EYES, SAID, KEPT, WRITTEN, SIGNED, *always]


def functions_again() -> list[str]:
    """Return the statements that put the bodies of the rules in place anew, where their triggers stand already."""
    return [MAY_URGENTLY, *(each.partition("CREATE TRIGGER")[0] for each in (SAID, KEPT, SIGNED))]


def reverse_sql() -> list[str]:
    """Return the statements that take them away."""
    triggers = [f"DROP TRIGGER {name} ON {table}" for name, table in TRIGGERS]
    functions = ("signed()", "written()", "version()", "said()", "eyes(bigint)", "may(bigint)", "needs_second(text)",
                 "in_force(text, text, timestamptz)")  # fmt: skip
    return [*triggers, *(f"DROP FUNCTION tradingops_policy_{each}" for each in functions)]
