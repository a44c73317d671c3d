"""What the application's role may do with each table, and a worker's of one module: the one list."""

from __future__ import annotations

from strands import partitions, tables

READ = ("SELECT",)
#: Said once: added to, and never changed.
ADD = ("SELECT", "INSERT")
#: Of a strand, what may be added to.
ADD_TAGS = (*ADD, "UPDATE (tags, updated_at)")
CHANGE = ("SELECT", "INSERT", "UPDATE")
EVERYTHING = (*CHANGE, "DELETE")

#: The singular names of the documents, updatable views of two tables of strands.
VIEWS = {"dm_strand": "dm_strands", "tr_strand": "tr_strands"}
APPEND_ONLY = (partitions.MESSAGES, "module_takeovers", "trading_plan_approvals", "policy_approvals")
#: What migrations and the rules of the database write.
KEPT_BY_RULES = (
    *("halts", "audit_records", "audit_head", "countersigns", "second_person", "policy_authors"),
    "dm_equity_ranges",
    *("django_migrations", "django_content_type", "auth_permission"),
)
#: Of no concern to anybody but the rules of the database.
HIDDEN = ("audit_waiting",)
#: What comes and goes: what waits, who is at work, what is held; and people, whose changes the audit records.
COMES_AND_GOES = (
    "deliveries",
    "workers",
    "dm_positions",
    "django_session",
    "django_admin_log",
    "notice_ways",
    "notices",
)
OF_PEOPLE = ("auth_", "otp_", "django_", "mandates", "sign_in_", "notice")


def application(table: str) -> tuple[str, ...]:
    """Return what the application may do with a table; with one that is not named here, all but delete."""
    if table in HIDDEN:
        return ()
    if table in KEPT_BY_RULES:
        return READ
    if table in APPEND_ONLY:
        return ADD
    if table in tables.BY_NAME or table in VIEWS:
        return ADD_TAGS
    if table in COMES_AND_GOES or table.startswith(OF_PEOPLE):
        return EVERYTHING
    return CHANGE


def worker(table: str, listener: str) -> tuple[str, ...]:
    """Return what the worker of one module may do: as the application, but for people, and others' strands."""
    if table.startswith(OF_PEOPLE) or table == "audit_records":
        return READ if table == "django_migrations" else ()
    may = application(table)
    strands = VIEWS.get(table, table)
    if strands not in tables.BY_NAME or strands == own(listener):
        return may
    return tuple(each for each in may if each != "INSERT")


def own(listener: str) -> str:
    """Return the table that a listener speaks in; who has none of its own speaks where people do."""
    return tables.TABLES[listener if listener in tables.TABLES else "op"].name
