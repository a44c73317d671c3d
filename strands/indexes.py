"""Indexes under the specification's names, which are longer than Django's own limit."""

from django.contrib.postgres.indexes import GinIndex
from django.db.models import Index

#: PostgreSQL's limit for an identifier.
IDENTIFIER = 63


class NamedIndex(Index):
    """A B-tree index whose name may be as long as PostgreSQL allows."""

    max_name_length = IDENTIFIER


class NamedGinIndex(GinIndex):
    """A GIN index whose name may be as long as PostgreSQL allows."""

    max_name_length = IDENTIFIER
