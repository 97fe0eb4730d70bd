"""The same till and the same look into the books as the tests of the store have."""

from tests.store.conftest import _books_hold, till

__all__ = ["_books_hold", "till"]
