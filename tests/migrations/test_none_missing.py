"""The migrations say all that the models say."""

from __future__ import annotations

import io

import pytest
from django.core.management import call_command


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    told = io.StringIO()
    try:
        call_command("makemigrations", check=True, dry_run=True, stdout=told, no_color=True)
    except SystemExit:
        pytest.fail(f"the models have changed and no migration says so:\n{told.getvalue()}")
