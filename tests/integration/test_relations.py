"""Document 003's relations hold, and deleting respects them."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError

from curators.dsi.models import Evidence
from portfolio.plans.models import Approval, TradingPlan
from strands.market.models import AnomalyEvent
from strands.models import Message, Module
from tests import sessions
from tests.integration import test_validation_rules as rules
from tradingops.lineage.models import IntelligenceSharing, ModulePerformance, Replication, ReplicationTrigger

#: Each foreign key of document 003: the table, its column, the table that it refers to.
FOREIGN_KEYS = [
    ("module_performance", "module_id", "modules"),
    ("trading_plans", "module_id", "modules"),
    ("trading_plan_approvals", "plan_id", "trading_plans"),
    ("trading_plan_approvals", "decision_maker_module_id", "modules"),
    ("dsi_evidence", "plan_id", "trading_plans"),
    ("module_messages", "sender_module_id", "modules"),
    ("module_messages", "receiver_module_id", "modules"),
    ("module_intelligence_sharing", "sender_module_id", "modules"),
    ("module_replications", "parent_module_id", "modules"),
    ("module_replications", "child_module_id", "modules"),
    ("module_replication_triggers", "module_id", "modules"),
    ("module_replication_triggers", "replication_id", "module_replications"),
    ("anomaly_events", "trading_plan_id", "trading_plans"),
    ("anomaly_events", "plan_generation_module_id", "modules"),
    ("anomaly_events", "dsi_evidence_id", "dsi_evidence"),
]


@pytest.mark.parametrize(("table", "column", "referred"), FOREIGN_KEYS)
def test_a_row_that_refers_to_nothing_is_refused(
    session: sessions.Session, table: str, column: str, referred: str
) -> None:
    sessions.insert(session, table, **rules.WHOLE[table], **{column: uuid4()})
    refused = sessions.refusal(session, "SET CONSTRAINTS ALL IMMEDIATE")
    assert refused.sqlstate == "23503"
    assert f'is not present in table "{referred}"' in (refused.diag.message_detail or "")


def a_plan() -> TradingPlan:
    return TradingPlan.objects.create(symbol="BTC-USD", signal_strength="0.8", direction="long", confidence_score="0.7")


def a_module() -> Module:
    return Module.objects.create(module_type="trader", module_version="2")


@pytest.mark.django_db
def test_a_plan_has_at_most_one_piece_of_evidence(session: sessions.Session) -> None:
    sessions.insert(session, "trading_plans", plan_id=(plan := uuid4()), **rules.WHOLE["trading_plans"])
    sessions.insert(session, "dsi_evidence", **rules.WHOLE["dsi_evidence"], plan_id=plan)
    sessions.insert(session, "dsi_evidence", **rules.WHOLE["dsi_evidence"])
    sessions.insert(session, "dsi_evidence", **rules.WHOLE["dsi_evidence"])
    query = "INSERT INTO dsi_evidence (mx_evidence, mx_confirm, plan_id) VALUES (0.5, true, %s)"
    assert sessions.refusal(session, query, plan).sqlstate == "23505"


@pytest.mark.django_db
def test_deleting_a_plan_takes_its_evidence_and_leaves_the_anomaly_and_one_with_an_approval_stays() -> None:
    plan = a_plan()
    evidence = Evidence.objects.create(plan=plan, mx_evidence="0.8", mx_confirm=True)
    approved = a_plan()
    Approval.objects.create(plan=approved, approval_status="approved")
    anomaly = AnomalyEvent.objects.create(
        symbol="BTC-USD", timestamp="2026-01-05T09:30Z", anomaly_type="spike", anomaly_score="0.9", signal_pack={},
        trading_plan=plan, dsi_evidence=evidence,
    )  # fmt: skip
    plan.delete()
    anomaly.refresh_from_db()
    assert Evidence.objects.count() == 0
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        approved.delete()
    assert Approval.objects.count() == 1
    assert (anomaly.trading_plan, anomaly.dsi_evidence) == (None, None)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "refer",
    [
        lambda module: TradingPlan.objects.create(
            module=module, symbol="A", signal_strength=0, direction="long", confidence_score=0
        ),
        lambda module: Approval.objects.create(decision_maker_module=module, approval_status="approved"),
        lambda module: Message.objects.create(sender_module=module, message_type="x", message_data={}),
        lambda module: Message.objects.create(receiver_module=module, message_type="x", message_data={}),
        lambda module: IntelligenceSharing.objects.create(
            sender_module=module, intelligence_type="x", intelligence_data={}
        ),
        lambda module: Replication.objects.create(parent_module=module, trigger_type="diversity_gap"),
        lambda module: Replication.objects.create(child_module=module, trigger_type="diversity_gap"),
        lambda module: ReplicationTrigger.objects.create(module=module, trigger_type="diversity_gap", trigger_data={}),
        lambda module: ModulePerformance.objects.create(
            module=module, performance_score=0, consistency_score=0, innovation_score=0, specialization_score=0,
            collaboration_score=0,
        ),
    ],
)  # fmt: skip
def test_a_module_that_anything_refers_to_cannot_be_deleted(refer) -> None:
    module = a_module()
    refer(module)
    with pytest.raises(ProtectedError):
        module.delete()


@pytest.mark.django_db
def test_deleting_a_replication_leaves_the_cue_that_led_to_it() -> None:
    replication = Replication.objects.create(trigger_type="diversity_gap")
    cue = ReplicationTrigger.objects.create(trigger_type="diversity_gap", trigger_data={}, replication=replication)
    replication.delete()
    cue.refresh_from_db()
    assert cue.replication is None


@pytest.mark.django_db
def test_the_database_itself_keeps_a_module_that_is_referred_to() -> None:
    a_plan_of = a_module()
    TradingPlan.objects.create(module=a_plan_of, symbol="A", signal_strength=0, direction="long", confidence_score=0)
    with connection.cursor() as cursor, pytest.raises(Exception, match="foreign key"):
        cursor.execute("DELETE FROM modules WHERE module_id = %s; SET CONSTRAINTS ALL IMMEDIATE", [a_plan_of.pk])
