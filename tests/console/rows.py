"""A row of any table, filled by the types of its columns."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.db.models import (
    BooleanField,
    DateTimeField,
    DecimalField,
    Field,
    FloatField,
    IntegerField,
    JSONField,
    Model,
)
from django.db.models.fields import NOT_PROVIDED

OURS = (
    *("strands", "strands_market", "strands_lessons", "curators", "curators_dsi", "portfolio", "portfolio_plans"),
    *("portfolio_execution", "tradingops_modules"),
)
#: Columns that a rule holds to some words, or to a range.
WORDS = {
    "direction": "long",
    "side": "long",
    "approval_status": "approved",
    "trigger_type": "regime_change",
    "standing": "active",
    "level": 2,
    "id": "01KE70EHG000Y4163QD5C09Y90",
    "lifecycle_id": "01KE70EHG000Y4163QD5C09Y90",
}
NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


def models() -> list[type[Model]]:
    """Every table of the desk."""
    return [model for label in OURS for model in apps.get_app_config(label).get_models()]


def a_row(model: type[Model]) -> Any:
    """Save one row with every required column, and every document, filled."""
    values = {field.name: _value(field) for field in model._meta.concrete_fields if _is_wanted(field)}
    return model._default_manager.create(**values)


def _is_wanted(field: Field[Any, Any]) -> bool:
    if isinstance(field, JSONField):
        return field.name != "tags"
    required = not field.null and field.db_default is NOT_PROVIDED
    return field.get_internal_type() != "BigAutoField" and (field.name in WORDS or required)


def _value(field: Field[Any, Any]) -> Any:
    if field.name in WORDS:
        return WORDS[field.name]
    if field.is_relation:
        return a_row(field.related_model)
    if isinstance(field, JSONField):
        return {"told": "1.25", "rows": [{"gate": "score", "passed": False, "value": 0.3}], "at": NOON.isoformat()}
    if isinstance(field, DateTimeField):
        return NOON
    if isinstance(field, DecimalField):
        return Decimal("0.5")
    if isinstance(field, FloatField):
        return 0.5
    if isinstance(field, BooleanField):
        return True
    return 1 if isinstance(field, IntegerField) else f"{field.name}-1"[: field.max_length or 20]
