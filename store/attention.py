"""Why does a case need a person? By codes, and which cases have one of them.

The one place where codes are gathered: what is shown and what the filter finds is the same.
"""

from sqlalchemy import ColumnElement

from domain.cases import Attention
from store.tables import Case


def attention_of(case: Case) -> list[Attention]:
    """Every code of the case, of what it is parked for first; none where nobody is needed."""
    return [Attention(case.attention)] if case.attention else []


def needs_attention(code: Attention) -> ColumnElement[bool]:
    """Cases that have this code."""
    return Case.attention == code
