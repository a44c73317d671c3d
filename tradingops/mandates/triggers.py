"""How a change of what somebody may do is told at once: one notification, after its transaction, to open screens."""

from __future__ import annotations

RIGHTS_CHANNEL = "tradingops_rights"
#: The payload that concerns everybody.
ALL = "all"


def of_user(key: object) -> str:
    """Return the payload that concerns one person."""
    return f"user:{key}"


def of_session(digest: str) -> str:
    """Return the payload that concerns one sign-in, by the MD5 of its key: a key itself is a secret."""
    return f"session:{digest}"


_FUNCTION = f"""
CREATE FUNCTION tradingops_rights_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    old_row CONSTANT jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END;
    new_row CONSTANT jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END;
    key text;
BEGIN
    IF COALESCE(old_row ->> TG_ARGV[0], new_row ->> TG_ARGV[0]) IS NULL THEN
        PERFORM pg_notify('{RIGHTS_CHANNEL}', '{ALL}');
        RETURN NULL;
    END IF;
    FOR key IN SELECT DISTINCT each FROM unnest(ARRAY[old_row ->> TG_ARGV[0], new_row ->> TG_ARGV[0]]) AS each LOOP
        CONTINUE WHEN key IS NULL;
        PERFORM pg_notify('{RIGHTS_CHANNEL}', CASE WHEN TG_ARGV[0] = 'session_key' THEN 'session:' || md5(key)
            ELSE 'user:' || key END);
    END LOOP;
    RETURN NULL;
END $$;
"""
#: Each table, when it matters, and the column that says whom it concerns; empty for everybody.
_WATCHED = (
    ("auth_user", "DELETE OR UPDATE OF is_active, is_staff, is_superuser, password", "id"),
    ("auth_user_groups", "INSERT OR UPDATE OR DELETE", "user_id"),
    ("auth_user_user_permissions", "INSERT OR UPDATE OR DELETE", "user_id"),
    ("auth_group_permissions", "INSERT OR UPDATE OR DELETE", ""),
    ("mandates", "INSERT OR UPDATE OR DELETE", "person_id"),
    ("django_session", "UPDATE OR DELETE", "session_key"),
)


def sql() -> str:
    """Return the SQL that makes the function and its triggers."""
    triggers = (
        f"CREATE TRIGGER tradingops_rights_changed AFTER {events} ON {table} FOR EACH ROW "
        f"EXECUTE FUNCTION tradingops_rights_changed('{column}');\n"
        for table, events, column in _WATCHED
    )
    return _FUNCTION + "".join(triggers)


def reverse_sql() -> str:
    """Return the SQL that takes them away."""
    return "DROP FUNCTION tradingops_rights_changed() CASCADE;"
