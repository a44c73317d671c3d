"""The roles that a desk has from its first migration on: what each may see and do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

HALT, INTERVENE = "strands.add_halt", "strands.intervene"
DECIDE = "portfolio_reviews.decide_review"
RECOVER, TEACH = "strands.change_delivery", "strands_lessons.change_lesson"
DRAFT, PUBLISH = "tradingops_policies.draft_version", "tradingops_policies.publish_version"
URGENT = "tradingops_policies.urgent_version"
AUDIT = "tradingops_audit.view_auditrecord"
#: The apps whose tables only an administrator sees.
OF_PEOPLE = ("auth", "admin", "sessions", "contenttypes", "otp_static", "otp_totp", "tradingops_mandates")
#: The app whose table nobody sees but who has the permission by name.
OF_THE_AUDIT = "tradingops_audit"
#: What whoever manages people may change.
MANAGED = frozenset({("auth", "user"), ("auth", "group"), ("tradingops_mandates", "mandate")})
MANAGE = "auth.change_user"
#: What changes something: who holds one of these may be asked for a second factor.
CHANGES = frozenset({HALT, INTERVENE, DECIDE, RECOVER, TEACH, DRAFT, PUBLISH, URGENT, MANAGE})

#: What each role does besides looking.
DOES: dict[str, frozenset[str]] = {
    "viewer": frozenset(),
    "operator": frozenset({HALT, INTERVENE, RECOVER, DECIDE}),
    "risk officer": frozenset({HALT, INTERVENE, DRAFT, PUBLISH, URGENT, AUDIT, DECIDE}),
    "quant": frozenset({TEACH, DRAFT}),
    "administrator": frozenset({HALT, INTERVENE, RECOVER, TEACH, DRAFT, PUBLISH, URGENT, AUDIT, DECIDE}),
}
#: Who manages people.
MANAGES_PEOPLE = frozenset({"administrator"})


def permissions_of(role: str, known: Iterable[str]) -> Iterator[str]:
    """Yield which of the known permissions (``app.codename``) a role has: it sees every table but people's.

    Raises KeyError for a role that there is not.
    """
    does = DOES[role]
    for each in known:
        app, _, codename = each.partition(".")
        act, _, table = codename.partition("_")
        looks = act == "view" and app not in (*OF_PEOPLE, OF_THE_AUDIT)
        manages = role in MANAGES_PEOPLE and (app, table) in MANAGED
        if looks or manages or each in does:
            yield each
