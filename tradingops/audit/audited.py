"""What is audited: the one list of tables, with what of them is secret and what is not worth a record."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Audited:
    """A table of which every change leaves a record.

    Of a ``secret`` column it is said that it changed, never what it holds; a change of nothing but ``quiet`` columns
    leaves no record. ``by_hand`` leaves out what the rules of the database write themselves.
    """

    table: str
    key: str = "id"
    secret: tuple[str, ...] = ()
    quiet: tuple[str, ...] = ()
    by_hand: bool = False


#: A new table is audited by a line here; the next `migrate` puts its trigger in place. One that a database lacks waits.
AUDITED = (
    Audited(table="auth_user", secret=("password",), quiet=("last_login",)),
    Audited(table="auth_group"),
    Audited(table="auth_permission"),
    Audited(table="auth_user_groups"),
    Audited(table="auth_user_user_permissions"),
    Audited(table="auth_group_permissions"),
    Audited(table="mandates"),
    Audited(
        table="otp_totp_totpdevice",
        secret=("key",),
        quiet=("last_t", "drift", "throttling_failure_timestamp", "throttling_failure_count", "last_used_at"),
    ),
    Audited(
        table="otp_static_staticdevice",
        quiet=("throttling_failure_timestamp", "throttling_failure_count", "last_used_at"),
    ),
    Audited(table="otp_static_statictoken", secret=("token",)),
    Audited(table="notice_ways", secret=("salt",)),
    Audited(table="policy_versions"),
    Audited(table="policy_approvals"),
    Audited(table="ops_policy", quiet=("updated_at",)),
    Audited(table="ops_trigger_rules", quiet=("updated_at", "fire_count", "last_fired_at")),
    Audited(table="halts", key="said", by_hand=True),
)
#: What people say, and what of it is an act: each is a record with what was said of the same thing before.
ACTS_TABLE = "op_strands"
ACTS = (
    "halt",
    "policy_changed",
    "policy_published",
    "publication_withdrawn",
    "intervention",
    "lesson_verdict",
    "note",
    "verdict",
    "countersign_asked",
    "countersign_answered",
)
#: What is recorded without a table: by the name that the database's function takes.
SIGNED_IN, SIGNED_OUT, SIGN_IN_FAILED = "sign_in", "sign_out", "sign_in_failed"
