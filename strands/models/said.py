"""The strand tables: one a module, all of one shape, written once and never changed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from django.contrib.postgres.functions import TransactionNow
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.fields.json import KeyTextTransform

from strands import tables, triggers
from strands.columns import json_column, text_column
from strands.indexes import LimitedBy, Named, NamedGinIndex, NamedIndex
from strands.kinds import alpha, company, decision, kind, market, people, risk, trader, venue

S = TypeVar("S", bound="Strand")

_COLUMNS: dict[str, Callable[[], models.Field[Any, Any]]] = {
    kind.JSONB: json_column,
    kind.TEXT: text_column,
    kind.FLOAT: lambda: models.FloatField(null=True, blank=True),
}

#: Ids hold moments from 1970 on; Python's end with the year 9999.
FIRST, LAST = datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)


class NextSaid(Func):
    """The next number of the one sequence that all strand tables share."""

    template = "nextval('strands_said')"
    output_field = models.BigIntegerField()


class Strand(models.Model):
    """What every strand table has; content is immutable, tags alone may be added to."""

    id = models.TextField(primary_key=True, db_collation="C")
    lifecycle_id = text_column()
    parent_id = text_column()
    module = models.TextField()
    module_id = models.UUIDField(null=True, blank=True)
    kind = text_column()
    symbol = text_column()
    timeframe = text_column()
    session_bucket = text_column()
    regime = text_column()
    tags = models.JSONField(db_default=Value([], models.JSONField()))
    at = models.DateTimeField(db_default=TransactionNow())
    hop = models.SmallIntegerField(db_default=0)
    said = models.BigIntegerField(db_default=NextSaid(), editable=False)
    lesson_metadata = json_column()
    created_at = models.DateTimeField(db_default=TransactionNow())
    updated_at = models.DateTimeField(db_default=TransactionNow())

    if TYPE_CHECKING:

        def __getattr__(self, column: str) -> Any:
            """A column of the payload, as the kinds of the role declare it."""

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.kind or 'strand'} {self.id}"


def says(role: kind.Role) -> Callable[[type[S]], type[S]]:
    """Give the model of a role's table one column for each that the role's kinds fill, and those that wait."""

    def filled(model: type[S]) -> type[S]:
        for name, sql in role.columns.items():
            if name != kind.LEARNED:
                model.add_to_class(name, _COLUMNS[sql]())
        return model

    return filled


def _meta(role: kind.Role, prefix: str, *extra: models.Index) -> type:
    """Return the Meta of a strand table: its name, its rules, and the indexes that documents 000 to 002 give it."""
    table = tables.TABLES[role.name]
    name = table.name
    rules = triggers.of_strands(table)
    tags_are_an_array = triggers.TagsAreAnArray()

    class Meta:
        abstract = False
        db_table = name
        verbose_name = f"{role.name} strand"
        verbose_name_plural = role.words
        triggers = rules
        constraints = [
            models.CheckConstraint(name=f"{name}_tags_are_an_array", condition=tags_are_an_array),
            models.CheckConstraint(name=f"{name}_at_is_a_moment", condition=Q(at__gte=FIRST, at__lt=LAST)),
            models.CheckConstraint(name=f"{name}_only_{table.spoken}_writes", condition=Q(module=table.spoken)),
        ]
        indexes = [
            NamedIndex(F("symbol"), F("created_at").desc(), name=f"{prefix}_symbol_time"),
            NamedIndex(fields=["lifecycle_id"], name=f"{prefix}_lifecycle"),
            NamedIndex(fields=["kind"], name=f"{prefix}_kind"),
            NamedGinIndex(fields=["tags"], name=f"idx_{name}_tags"),
            NamedIndex(F("created_at").desc(), name=f"idx_{name}_created_at"),
            NamedIndex(fields=["said"], name=f"{prefix}_said"),
            *extra,
        ]

    return Meta


def _listed(kind: str, name: str) -> tuple[models.Index, models.Index]:
    """Return the indexes that a list of one kind is read by, the newest first: of all, and of a symbol."""
    of_a_kind = Q(kind=kind)
    return (
        NamedIndex(fields=["id"], name=name, condition=of_a_kind),
        NamedIndex(fields=["symbol", "id"], name=f"{name}_of_a_symbol", condition=of_a_kind),
    )


@says(alpha.ROLE)
class AlphaStrand(Strand):
    """What the alpha detector says: signals with their plans, anomalies."""

    module = models.TextField(db_default=alpha.ROLE.spoken)

    Meta = _meta(
        alpha.ROLE,
        "ad_strand",
        NamedGinIndex(fields=["lesson_metadata"], name="ad_strand_lesson_metadata"),
        *_listed("signal", "ad_signals"),
    )


@says(decision.ROLE)
class DecisionStrand(Strand):
    """What the decision maker says: decisions, and feedback to alpha."""

    module = models.TextField(db_default=decision.ROLE.spoken)

    Meta = _meta(
        decision.ROLE,
        "dm_strand",
        NamedIndex(fields=["alpha_bundle_ref"], name="dm_strand_alpha_ref"),
        NamedIndex(KeyTextTransform("decision_type", "dm_decision"), name="dm_strand_decision_type"),
        NamedGinIndex(fields=["lesson_metadata"], name="dm_strand_lesson_metadata"),
        *_listed("decision", "dm_decisions"),
        NamedIndex(
            Named("dm_decision", path="decision_type"),
            "id",
            name="dm_decisions_of_a_verdict",
            condition=Q(kind="decision"),
        ),
        NamedIndex(LimitedBy("dm_decision"), "id", name="dm_decisions_of_a_gate", condition=Q(kind="decision")),
    )


@says(trader.ROLE)
class TraderStrand(Strand):
    """What the trader says: orders, monitoring, fills, executions, closed positions."""

    module = models.TextField(db_default=trader.ROLE.spoken)

    Meta = _meta(
        trader.ROLE,
        "tr_strand",
        NamedIndex(fields=["decision_id"], name="tr_strand_decision"),
        NamedIndex(KeyTextTransform("venue", "exec_metrics"), name="tr_strand_venue"),
        NamedIndex(KeyTextTransform("status", "exec_metrics"), name="tr_strand_status"),
        NamedGinIndex(fields=["lesson_metadata"], name="tr_strand_lesson_metadata"),
        *_listed("order", "tr_orders"),
        *_listed("fill", "tr_fills"),
    )


@says(risk.ROLE)
class RiskStrand(Strand):
    """What the risk manager says: the state of the book and its limits."""

    module = models.TextField(db_default=risk.ROLE.spoken)

    Meta = _meta(risk.ROLE, "rm_strand")


@says(market.ROLE)
class MarketStrand(Strand):
    """What the market says: closed bars with their features, timers."""

    module = models.TextField(db_default=market.ROLE.spoken)

    Meta = _meta(market.ROLE, "md_strand")


@says(venue.ROLE)
class VenueStrand(Strand):
    """What venues say of our orders: accepted, filled, cancelled, rejected, unknown."""

    module = models.TextField(db_default=venue.ROLE.spoken)

    Meta = _meta(venue.ROLE, "vn_strand")


@says(people.ROLE)
class PeopleStrand(Strand):
    """What people say: verdicts, halts, published policies, notes."""

    module = models.TextField(db_default=people.ROLE.spoken)

    Meta = _meta(people.ROLE, "op_strand")


@says(company.ROLE)
class CompanyStrand(Strand):
    """What the company says: verdicts of its roundtables, proposals."""

    module = models.TextField(db_default=company.ROLE.spoken)

    Meta = _meta(company.ROLE, "co_strand")


STRANDS: dict[str, type[Strand]] = {
    alpha.ROLE.name: AlphaStrand,
    decision.ROLE.name: DecisionStrand,
    trader.ROLE.name: TraderStrand,
    risk.ROLE.name: RiskStrand,
    market.ROLE.name: MarketStrand,
    venue.ROLE.name: VenueStrand,
    people.ROLE.name: PeopleStrand,
    company.ROLE.name: CompanyStrand,
}
