"""Indexes under the specification's names, which are longer than Django's own limit."""

from django.contrib.postgres.indexes import GinIndex
from django.db.models import Func, Index, TextField

#: PostgreSQL's limit for an identifier.
IDENTIFIER = 63


class NamedIndex(Index):
    """A B-tree index whose name may be as long as PostgreSQL allows."""

    max_name_length = IDENTIFIER


class NamedGinIndex(GinIndex):
    """A GIN index whose name may be as long as PostgreSQL allows."""

    max_name_length = IDENTIFIER


class Named(Func):
    """The text at a ``path`` of a JSON column, as far as an index holds it: nobody's long word stops a row."""

    template = "left(%(expressions)s #>> '{%(path)s}', 63)"
    output_field = TextField()


class LimitedBy(Func):
    """What stopped or cut the plan of a decision: the reason it gives, else its first failed gate, else its change."""

    template = (
        "left(coalesce(%(expressions)s #>> '{reason}', "
        "jsonb_path_query_first(%(expressions)s, '$.gates[*] ? (@.passed == false).gate') #>> '{}', "
        "%(expressions)s #>> '{modifications,0,because}'), 63)"
    )
    output_field = TextField()
