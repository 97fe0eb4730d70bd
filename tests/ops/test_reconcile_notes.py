"""What is written about a difference is a note like every other."""

import pytest

from ops.failures import Failed
from ops.reconcile import resolve
from store.session import Database


@pytest.mark.parametrize(
    ("note", "complaint"),
    [
        (" ", "says what was done"),
        ("\u200b\u3164", "says what was done"),
        ("n" * 2001, "at most 2,000"),
        ("it was 4111 1111 1111 1111", "no card number"),
        ("a \0", "at most 2,000"),
    ],
)
def test_a_note_about_a_difference_is_of_the_form_of_notes(
    database: Database, note: str, complaint: str
) -> None:
    with pytest.raises(Failed, match=complaint):
        resolve(database, 1, "lea", note)
