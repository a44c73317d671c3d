"""Puts first data where there is none of its name."""

from __future__ import annotations

from typing import Any

from tradingops.company.first_data import affinities, policies, rules

APP = "tradingops_company"
#: The tables that begin with something.
TABLES = ("ops_policy", "ops_trigger_rules", "ops_agent_relationships")


def fill(apps: Any) -> None:
    """Add what is missing; what an operator has changed since stays as it is."""
    policy, rule, relationship = (apps.get_model(APP, name) for name in ("Policy", "TriggerRule", "Relationship"))
    policy.objects.bulk_create([policy(**each) for each in policies.rows()], ignore_conflicts=True)
    rule.objects.bulk_create([rule(**each) for each in rules.RULES], ignore_conflicts=True)
    pairs = [
        relationship(agent_a=a, agent_b=b, affinity=affinity, metadata={"at_first": affinities.LIKE[a, b]})
        for (a, b), affinity in affinities.AFFINITIES.items()
    ]
    relationship.objects.bulk_create(pairs, ignore_conflicts=True)
