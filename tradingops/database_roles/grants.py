"""Gives roles their rights in a database, and tells where one has more than it should."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connections
from psycopg import sql

from tradingops.connections import as_owner
from tradingops.database_roles import rights

Rights = Callable[[str], tuple[str, ...]]
#: Tables and views that are nobody's part: a partition has no rights of its own, so nothing reaches it by its name.
RELATIONS = """
    SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v')
       AND NOT relispartition ORDER BY relname
"""
TOO_MUCH = """
    SELECT relname, privilege FROM pg_class,
           unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER', 'REFERENCES']) AS privilege
     WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v')
       AND has_table_privilege(%s, pg_class.oid, privilege)
     ORDER BY relname, privilege
"""
STANDING = """
    SELECT rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls,
           ARRAY(SELECT relname::text FROM pg_class WHERE relowner = role.oid
                    AND relnamespace = 'public'::regnamespace ORDER BY 1 LIMIT 5),
           ARRAY(SELECT other.rolname::text FROM pg_roles AS other
                  WHERE other.oid <> role.oid AND pg_has_role(role.oid, other.oid, 'MEMBER') ORDER BY 1)
      FROM pg_roles AS role WHERE rolname = %s
"""


class NotApart(RuntimeError):
    """Owner and application are one role, or the owner may not do what it takes: the message says what to do."""


@dataclass(frozen=True, kw_only=True)
class Login:
    """A role that signs in: its name, and its password where the database asks for one."""

    name: str
    password: str = ""


def digest() -> str:
    """Return what changes when the rights do."""
    named = {name: value for name, value in vars(rights).items() if name.isupper()}
    return hashlib.sha256(repr(sorted(named.items())).encode()).hexdigest()


def application() -> Login:
    """Return as whom the desk works; raises NotApart where that is the owner."""
    owner, ours = settings.DATABASE_OWNER, settings.DATABASES["default"]
    if owner is None or owner["USER"] == ours["USER"]:
        raise NotApart(
            "DATABASE_OWNER_URL: owner and application are one role. Name the owner there, and in DATABASE_URL another "
            "role for the desk; docs/howto/give-the-database-roles.md tells how."
        )
    return Login(name=ours["USER"], password=ours.get("PASSWORD") or "")


def give_to_application(using: str = "default") -> None:
    """Make the application's role where it lacks, and give it its rights; nothing where it is the owner itself."""
    if settings.DATABASE_OWNER is None:
        return
    login = application()
    with as_owner(using):
        give(login, rights.application, using=using)


def give(login: Login, may: Rights, *, using: str = "default") -> None:
    """Make a role where it lacks and let it have just these rights, in one transaction. Raises NotApart."""
    connection = connections[using]
    with connection.cursor() as cursor:
        for statement in (*_made(cursor, login), *statements(cursor, login, may)):
            cursor.execute(statement.as_string(cursor.connection))


def statements(cursor: Any, login: Login, may: Rights) -> Iterator[sql.Composed]:
    """Yield the SQL that gives a role its rights, all others taken."""
    role = sql.Identifier(login.name)
    cursor.execute("SELECT current_database()")
    database = sql.Identifier(cursor.fetchone()[0])
    cursor.execute(RELATIONS)
    relations = [name for (name,) in cursor.fetchall()]
    for each in (
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
        "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}, PUBLIC",
        "REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM {role}, PUBLIC",
        "REVOKE ALL ON SCHEMA public FROM {role}",
        "GRANT CONNECT ON DATABASE {database} TO {role}",
        "GRANT USAGE ON SCHEMA public TO {role}",
        "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}",
    ):
        yield sql.SQL(each).format(role=role, database=database)
    for name in relations:
        if given := may(name):
            what = sql.SQL(", ".join(given))
            yield sql.SQL("GRANT {what} ON {table} TO {role}").format(what=what, table=sql.Identifier(name), role=role)


def _made(cursor: Any, login: Login) -> Iterator[sql.Composed]:
    """Yield the SQL that makes a role, and takes from it what it owns here."""
    role = sql.Identifier(login.name)
    cursor.execute(STANDING, [login.name])
    found = cursor.fetchone()
    if found is None:
        password = sql.SQL(" PASSWORD {}").format(sql.Literal(login.password)) if login.password else sql.SQL("")
        yield sql.SQL("CREATE ROLE {role} LOGIN{password}").format(role=role, password=password)
    elif found[5]:
        yield sql.SQL("REASSIGN OWNED BY {role} TO CURRENT_USER").format(role=role)


def findings(login: Login, may: Rights, *, using: str = "default") -> list[str]:
    """Return in words what a role may do beyond its rights; raises NotApart where there is no such role."""
    with connections[using].cursor() as cursor:
        cursor.execute(STANDING, [login.name])
        row = cursor.fetchone()
        if row is None:
            raise NotApart(f"{login.name}: there is no such role; `manage.py roles` makes it")
        powers = ("SUPERUSER", "CREATEROLE", "CREATEDB", "REPLICATION", "BYPASSRLS")
        found = [f"{login.name} has {power}" for power, has in zip(powers, row[:5], strict=True) if has]
        found += [f"{login.name} owns {name}" for name in row[5]]
        found += [f"{login.name} is a member of {other}" for other in row[6]]
        cursor.execute(TOO_MUCH, [login.name])
        return found + [
            f"{login.name} may {privilege} {name}"
            for name, privilege in cursor.fetchall()
            if privilege not in may(name) or _is_partition(cursor, name)
        ]


def _is_partition(cursor: Any, name: str) -> bool:
    cursor.execute("SELECT relispartition FROM pg_class WHERE oid = to_regclass(%s)", [f'"{name}"'])
    return bool(cursor.fetchone()[0])
