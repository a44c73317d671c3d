"""Rules the database holds for reviews: a deadline is told with the bar that brings it, and a word is given once.

Each runs with the rights of who owns the tables. Nobody decides for somebody else, nor without the right, nor on what
has ended, nor twice; a plan is decided on by the decision maker alone.
"""

from __future__ import annotations

from strands import tags
from strands.kinds import people, reviews
from strands.triggers import HANDLED_HERE

_HEAD = "LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$"
_VERDICT, _DUE = people.VERDICT.name, people.REVIEW_DUE.name

#: Where a desk in lockstep says its own bars, it tells the deadlines that they bring, too.
COME = f"""
CREATE FUNCTION tradingops_deadlines_come() RETURNS trigger {_HEAD}
DECLARE
    newest timestamptz;
BEGIN
    IF 'dm' = ANY (string_to_array(COALESCE(current_setting('{HANDLED_HERE}', true), ''), ',')) THEN
        RETURN NULL;
    END IF;
    SELECT max(at) INTO newest FROM said WHERE kind = 'bar';
    IF newest IS NOT NULL THEN
        PERFORM tradingops_tell_deadlines(newest);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER deadlines_come AFTER INSERT ON md_strands REFERENCING NEW TABLE AS said
    FOR EACH STATEMENT EXECUTE FUNCTION tradingops_deadlines_come();
"""
TELL = f"""
CREATE FUNCTION tradingops_tell_deadlines(newest timestamptz) RETURNS bigint {_HEAD}
DECLARE
    told bigint;
BEGIN
    INSERT INTO op_strands (id, lifecycle_id, kind, symbol, session_bucket, tags, at, hop, op_verdict)
    SELECT due_id, lifecycle_id, '{_DUE}', symbol,
           CASE WHEN hour < 7 THEN 'ASIA' WHEN hour < 13 THEN 'EU' WHEN hour < 21 THEN 'US' ELSE 'OFF' END,
           '["{tags.REVIEW_VERDICT}"]', deadline, 0,
           jsonb_build_object('plan_id', plan_id, 'reason', '{reviews.HAS_COME}')
      FROM dm_reviews, LATERAL (SELECT extract(hour FROM deadline AT TIME ZONE 'UTC') AS hour) AS day
     WHERE outcome IS NULL AND due_id IS NOT NULL AND deadline <= newest
     ORDER BY deadline, dm_reviews.id
        ON CONFLICT (id) DO NOTHING;
    GET DIAGNOSTICS told = ROW_COUNT;
    RETURN told;
END $$;
"""
MAY = f"""
CREATE FUNCTION tradingops_review_may(whose text) RETURNS boolean {_HEAD.replace("plpgsql", "sql STABLE")}
    SELECT whose ~ '^account:.' OR whose ~ '^user:[0-9]+$' AND EXISTS (
        SELECT FROM auth_user AS person
         WHERE person.id = substr(whose, 6)::bigint AND person.is_active AND (person.is_superuser OR EXISTS (
               SELECT FROM auth_permission AS may
                 JOIN django_content_type AS kind ON kind.id = may.content_type_id
                WHERE kind.app_label = 'portfolio_reviews' AND may.codename = 'decide_review'
                  AND (EXISTS (SELECT FROM auth_user_user_permissions AS own
                                WHERE own.user_id = person.id AND own.permission_id = may.id)
                       OR EXISTS (SELECT FROM auth_user_groups AS member
                                    JOIN auth_group_permissions AS role USING (group_id)
                                   WHERE member.user_id = person.id AND role.permission_id = may.id)))))
$$;
"""
#: A verdict that the decision maker refused may be given again, and whoever was for a plan may still stop it.
SAID_BEFORE = f"""
CREATE FUNCTION tradingops_review_said_before(own text, says jsonb, item dm_reviews) RETURNS boolean
{_HEAD.replace("plpgsql", "sql STABLE")}
    SELECT EXISTS (
        SELECT FROM op_strands AS earlier
          LEFT JOIN LATERAL (SELECT (told.value ->> 'counted')::boolean AS counted
                               FROM jsonb_each(COALESCE(item.answers, '{{}}')) AS told
                              WHERE told.value ->> 'verdict_id' = earlier.id LIMIT 1) AS answer ON true
         WHERE earlier.kind = '{_VERDICT}' AND earlier.id <> own
           AND earlier.op_verdict ->> 'plan_id' = says ->> 'plan_id'
           AND earlier.op_verdict ->> 'plan_hash' = says ->> 'plan_hash'
           AND (earlier.op_verdict ->> 'person' = says ->> 'person'
                OR tradingops_names_of(earlier.op_verdict ->> 'person', earlier.op_verdict ->> 'by')
                   && tradingops_names_of(says ->> 'person', says ->> 'by'))
           AND (answer.counted IS NULL
                OR answer.counted AND COALESCE(item.have, '[]') ? (earlier.op_verdict ->> 'person'))
           AND (says ->> 'verdict' = earlier.op_verdict ->> 'verdict'
                OR says ->> 'verdict' = 'approve'
                OR says ->> 'verdict' = 'modify' AND earlier.op_verdict ->> 'verdict' = 'reject'))
$$;
"""
SAID = f"""
CREATE FUNCTION tradingops_review_said() RETURNS trigger {_HEAD}
DECLARE
    says CONSTANT jsonb := COALESCE(NEW.op_verdict, '{{}}');
    whose CONSTANT text := says ->> 'person';
    actor CONSTANT bigint := (tradingops_audit_actor() ->> 'actor_id')::bigint;
    item dm_reviews;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('verdict ' || COALESCE(says ->> 'plan_id', ''), 0));
    SELECT * INTO item FROM dm_reviews WHERE plan_id = says ->> 'plan_id' ORDER BY asked_at DESC, id DESC LIMIT 1;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'plan_id: % waits for nobody', COALESCE(says ->> 'plan_id', 'null')
              USING ERRCODE = 'check_violation', HINT = 'Decide on a plan that waits: the inbox lists them.';
    END IF;
    IF item.outcome IS NOT NULL THEN
        RAISE EXCEPTION 'plan_id: % has ended: % at %', item.plan_id, item.outcome, item.ended_at
              USING ERRCODE = 'check_violation', HINT = 'Its page tells who decided; nothing was said.';
    END IF;
    IF NEW.at >= item.deadline THEN
        RAISE EXCEPTION 'deadline: expired at %, and it is %', item.deadline, NEW.at
              USING ERRCODE = 'check_violation', HINT = 'What follows is the policy''s; nothing was said.';
    END IF;
    IF whose ~ '^user:[0-9]+$' AND actor IS DISTINCT FROM substr(whose, 6)::bigint
       OR whose !~ '^user:[0-9]+$' AND actor IS NOT NULL THEN
        RAISE EXCEPTION 'person: nobody decides for somebody else, as for %', whose USING ERRCODE = 'check_violation',
              HINT = 'Sign in as who decides.';
    END IF;
    IF NOT COALESCE(tradingops_review_may(whose), false) THEN
        RAISE EXCEPTION 'person: % may not decide on plans', COALESCE(whose, 'null') USING ERRCODE = 'check_violation',
              HINT = 'Somebody active with the right decides (user:KEY), or an account (account:NAME).';
    END IF;
    IF tradingops_review_said_before(NEW.id, says, item) THEN
        RAISE EXCEPTION 'by: % has said so of this plan already; nobody counts twice', says ->> 'by'
              USING ERRCODE = 'check_violation', HINT = 'Somebody else must be the second.';
    END IF;
    RETURN NULL;
END $$;
CREATE INDEX op_strands_verdicts ON op_strands ((op_verdict ->> 'plan_id')) WHERE kind = '{_VERDICT}';
CREATE TRIGGER reviews_are_decided AFTER INSERT ON op_strands FOR EACH ROW
    WHEN (NEW.kind = '{_VERDICT}') EXECUTE FUNCTION tradingops_review_said();
"""
#: At the end of its transaction: a desk in lockstep writes a plan's row after what was said of it.
DUE = f"""
CREATE FUNCTION tradingops_review_due() RETURNS trigger {_HEAD}
BEGIN
    IF NOT EXISTS (SELECT FROM dm_strands
                    WHERE lifecycle_id = NEW.lifecycle_id AND kind = 'review'
                      AND dm_decision #>> '{{review,due}}' = NEW.id
                      AND (dm_decision #>> '{{review,deadline}}')::timestamptz = NEW.at
                      AND dm_decision ->> 'plan_id' = NEW.op_verdict ->> 'plan_id') THEN
        RAISE EXCEPTION 'deadline: % is that of no plan that waits', NEW.id USING ERRCODE = 'check_violation',
              HINT = 'Deadlines are told by the database.';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER reviews_fall_due AFTER INSERT ON op_strands DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN (NEW.kind = '{_DUE}') EXECUTE FUNCTION tradingops_review_due();
"""
#: The rules that refuse hold however a session replicates.
GUARDS = ("reviews_are_decided", "reviews_fall_due")
#: Every rule and its table.
TRIGGERS = (("deadlines_come", "md_strands"), *((name, "op_strands") for name in GUARDS))
_NOBODYS = (
    "tradingops_tell_deadlines(timestamptz)",
    "tradingops_review_may(text)",
    "tradingops_review_said_before(text, jsonb, dm_reviews)",
)


def sql() -> list[str]:
    """Return the statements that put the rules in place; nobody may call their functions but they themselves."""
    revoked = [f"REVOKE ALL ON FUNCTION {each} FROM PUBLIC" for each in _NOBODYS]
    always = [f"ALTER TABLE op_strands ENABLE ALWAYS TRIGGER {each}" for each in GUARDS]
    return [TELL, COME, MAY, SAID_BEFORE, SAID, DUE, *always, *revoked]


def reverse_sql() -> list[str]:
    """Return the statements that take them away."""
    dropped = ("tradingops_deadlines_come()", "tradingops_review_said()", "tradingops_review_due()",
               *reversed(_NOBODYS))  # fmt: skip
    triggers = [f"DROP TRIGGER {name} ON {table}" for name, table in TRIGGERS]
    return [*triggers, "DROP INDEX op_strands_verdicts", *(f"DROP FUNCTION {each}" for each in dropped)]
