"""How is a whole list of Stripe's read, when a page may be not what it should be?"""

from collections.abc import Callable, Iterator
from typing import Any

PAGE = 100  # the most that Stripe lists at once
MOST_PAGES = 100


def listed(page_of: Callable[[Any], Any], query: dict[str, Any]) -> Iterator[Any]:
    """All that `page_of` lists for `query`, newest first, up to 10,000. Raises ValueError beyond.

    Not the SDK's own paging: to that, a page without its data or its end is the last one.
    """
    query = query | {"limit": PAGE}
    for _ in range(MOST_PAGES):
        page = page_of(query)
        yield from page.data
        if not page.has_more:
            return
        query = query | {"starting_after": page.data[-1].id}
    raise ValueError("a list without an end")
