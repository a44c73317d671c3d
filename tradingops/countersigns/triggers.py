"""Rules the database holds for what takes two people: two different ones, the same book, in time, and once.

They hold for every strand of people, whichever program says it: a closing above the size in ``second_person`` is
refused unless the answer that confirms it was said in the same transaction.
"""

from __future__ import annotations

from strands.kinds import countersigns, people

_ASKED, _ANSWERED = countersigns.ASKED.name, countersigns.ANSWERED.name
_CLOSE = people.INTERVENTION.name

#: By which names somebody is known: the one given, and of a user the present one; NULL for a user who may not sign in.
_NAMES = """
CREATE FUNCTION tradingops_names_of(person text, told text) RETURNS text[] LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
    SELECT CASE WHEN person ~ '^account:.'
                THEN ARRAY[lower(told), lower(substr(person, 9))]
                WHEN person ~ '^user:[0-9]+$'
                THEN (SELECT ARRAY[lower(told), lower(username)] FROM auth_user
                       WHERE id = substr(person, 6)::bigint AND is_active) END
$$;
"""
_ASK = """
CREATE FUNCTION tradingops_countersign_asked(told_by text, says jsonb) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    whose CONSTANT text := says ->> 'person';
BEGIN
    IF tradingops_names_of(whose, says ->> 'by') IS NULL THEN
        RAISE EXCEPTION 'countersign %: % is nobody who may act', told_by, COALESCE(whose, 'null')
              USING ERRCODE = 'check_violation', HINT = 'Name an active user (user:KEY) or an account (account:NAME).';
    END IF;
    INSERT INTO countersigns (request, asked_at, until, person, name, hash, symbols, state, closed)
    SELECT told_by, clock_timestamp(), clock_timestamp() + minutes * interval '1 minute', whose, says ->> 'by',
           says ->> 'hash', ARRAY(SELECT jsonb_object_keys(says -> 'legs')), 'asked', '{}' FROM second_person;
END $$;
"""
_ANSWER = """
CREATE FUNCTION tradingops_countersign_answered(says jsonb) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    stands countersigns;
    whose CONSTANT text := says ->> 'person';
    verdict CONSTANT text := says ->> 'verdict';
    named CONSTANT text[] := tradingops_names_of(whose, says ->> 'by');
BEGIN
    SELECT * INTO stands FROM countersigns WHERE request = says ->> 'request' FOR UPDATE;
    IF stands.request IS NULL OR named IS NULL OR verdict IS NULL OR verdict NOT IN ('confirmed', 'declined') THEN
        RAISE EXCEPTION 'countersign %: no request, no active person or no verdict', says ->> 'request'
              USING ERRCODE = 'check_violation', HINT = 'Confirm or decline a request that stands.';
    ELSIF stands.state <> 'asked' THEN
        RAISE EXCEPTION 'countersign %: it is % already', stands.request, stands.state
              USING ERRCODE = 'check_violation', HINT = 'Ask again.';
    ELSIF stands.until <= clock_timestamp() THEN
        RAISE EXCEPTION 'countersign %: it expired at %', stands.request, stands.until
              USING ERRCODE = 'check_violation', HINT = 'Ask again.';
    ELSIF verdict = 'confirmed' AND stands.hash IS DISTINCT FROM says ->> 'hash' THEN
        RAISE EXCEPTION 'countersign %: % was asked for, % is confirmed', stands.request, stands.hash, says ->> 'hash'
              USING ERRCODE = 'check_violation', HINT = 'What is held has changed: ask again.';
    ELSIF verdict = 'confirmed' AND (stands.person = whose OR tradingops_names_of(stands.person, stands.name) IS NULL
                                     OR tradingops_names_of(stands.person, stands.name) && named) THEN
        RAISE EXCEPTION 'countersign %: % asked for it, and may not confirm it', stands.request, stands.name
              USING ERRCODE = 'check_violation', HINT = 'Another person confirms; both have to be active.';
    END IF;
    UPDATE countersigns SET state = verdict, answered_by = whose, answered_at = clock_timestamp(),
                            transaction = pg_current_xact_id()::text
     WHERE request = stands.request;
END $$;
"""
#: What closing a symbol comes to: what the trader holds, or its venues, at the newest bar's close.
_WORTH = """
CREATE FUNCTION tradingops_worth_of(about text) RETURNS numeric LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
    SELECT COALESCE((SELECT md_bar ->> 'close' FROM md_strands WHERE symbol = about AND kind = 'bar'
                      ORDER BY id DESC LIMIT 1)::numeric, (held #>> '{position,avg_price}')::numeric)
           * greatest(abs((held #>> '{position,quantity}')::numeric),
                      (SELECT sum(abs(each.value::numeric)) FROM jsonb_each_text(held -> 'at_venues') AS each))
      FROM (SELECT state::jsonb AS held FROM module_states WHERE listener = 'trader' AND partition = about) AS known
$$;
"""
_CLOSING = """
CREATE FUNCTION tradingops_closing_takes_two(about text, says jsonb) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    most CONSTANT numeric := (SELECT above FROM second_person);
    stands countersigns;
BEGIN
    IF NOT says ? 'countersigned' THEN
        IF most IS NOT NULL AND tradingops_worth_of(about) > most THEN
            RAISE EXCEPTION 'closing %: above % it takes a second person', about, trim_scale(most)
                  USING ERRCODE = 'check_violation', HINT = 'Ask for it; another person confirms.';
        END IF;
        RETURN;
    END IF;
    SELECT * INTO stands FROM countersigns WHERE request = says ->> 'countersigned' FOR UPDATE;
    IF stands.request IS NULL OR stands.state <> 'confirmed'
       OR stands.transaction IS DISTINCT FROM pg_current_xact_id()::text
       OR about IS NULL OR NOT about = ANY (stands.symbols) OR about = ANY (stands.closed) THEN
        RAISE EXCEPTION 'closing %: % is no request for it that is being confirmed', about, says ->> 'countersigned'
              USING ERRCODE = 'check_violation', HINT = 'What is confirmed is closed once, with its confirmation.';
    END IF;
    UPDATE countersigns SET closed = closed || about WHERE request = stands.request;
END $$;
"""
_RULE = f"""
CREATE FUNCTION tradingops_takes_two() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.kind = '{_ASKED}' THEN
        PERFORM tradingops_countersign_asked(NEW.id, NEW.op_intervention);
    ELSIF NEW.kind = '{_ANSWERED}' THEN
        PERFORM tradingops_countersign_answered(NEW.op_verdict);
    ELSIF NEW.op_intervention ->> 'action' = 'close' THEN
        PERFORM tradingops_closing_takes_two(NEW.symbol, NEW.op_intervention);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER takes_two AFTER INSERT ON op_strands
   FOR EACH ROW WHEN (NEW.kind IN ('{_ASKED}', '{_ANSWERED}', '{_CLOSE}')) EXECUTE FUNCTION tradingops_takes_two();
ALTER TABLE op_strands ENABLE ALWAYS TRIGGER takes_two;
"""
_NOBODYS = (
    "tradingops_names_of(text, text)",
    "tradingops_countersign_asked(text, jsonb)",
    "tradingops_countersign_answered(jsonb)",
    "tradingops_worth_of(text)",
    "tradingops_closing_takes_two(text, jsonb)",
)


def sql() -> str:
    """Return the SQL that makes the rules; nobody may call their functions but they themselves."""
    revoked = "".join(f"REVOKE ALL ON FUNCTION {each} FROM PUBLIC;\n" for each in _NOBODYS)
    return "".join((_NAMES, _ASK, _ANSWER, _WORTH, _CLOSING, _RULE, revoked))


def reverse_sql() -> str:
    """Return the SQL that takes them away."""
    dropped = "".join(f"DROP FUNCTION {each};\n" for each in _NOBODYS)
    return f"DROP FUNCTION tradingops_takes_two() CASCADE;\n{dropped}"
