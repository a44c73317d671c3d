"""What every table of the company has: a key, moments, metadata, and rules over what a column may hold."""

from __future__ import annotations

from typing import Any

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import RandomUUID, TransactionNow
from django.db import models
from django.db.models import Q

from strands.columns import Document

NAME, TITLE, KEY = 50, 255, 100


class Row(models.Model):
    """A key that the database draws where nobody gives one, and the moment of writing."""

    id = models.UUIDField(primary_key=True, db_default=RandomUUID())
    created_at = models.DateTimeField(db_default=TransactionNow())

    class Meta:
        abstract = True


class Touched(pgtrigger.Trigger):
    """Sets ``updated_at`` whenever a row is updated, whoever does it."""

    name = "touched"
    when = pgtrigger.Before
    operation = pgtrigger.Update
    func = "NEW.updated_at = now(); RETURN NEW;"


def name_column(**options: Any) -> models.CharField[str, str]:
    """Return a column for the short name of an agent, a kind or a symbol."""
    return models.CharField(max_length=NAME, **options)


def choice(choices: type[models.TextChoices], default: str | None = None) -> models.CharField[str, str]:
    """Return a column that takes one of some words; the database checks it by ``one_of``."""
    options: dict[str, Any] = {} if default is None else {"db_default": default}
    return models.CharField(max_length=NAME, choices=choices, **options)


def object_column() -> models.JSONField:
    """Return a JSON object, empty where nobody says anything."""
    return Document(db_default={})


def list_column() -> models.JSONField:
    """Return a JSON array, empty where nobody says anything."""
    return Document(db_default=[])


def words_column(**options: Any) -> ArrayField[list[str], list[str]]:
    """Return an array of words."""
    return ArrayField(models.TextField(), **options)


def one_of(table: str, column: str, choices: type[models.TextChoices]) -> models.CheckConstraint:
    """Return the CHECK that a column holds one of its words."""
    return models.CheckConstraint(name=f"{table}_{column}_is_known", condition=Q(**{f"{column}__in": choices.values}))


def touched() -> list[pgtrigger.Trigger]:
    """Return the rules of a table that tells when a row was last changed."""
    return [Touched()]
