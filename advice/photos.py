"""Has this photo been shown before?"""

from collections.abc import Iterable

from domain.advice import Photo, SamePhoto

WITHIN = 6
"""Bits of 64 that may differ: a picture scaled, saved anew or a little brighter stays below."""

MASK = (1 << 64) - 1


def same_photos(
    photos: Iterable[Photo], others: Iterable[Photo], within: int = WITHIN
) -> list[SamePhoto]:
    """Which of `others` show one of `photos`, the nearest first."""
    others = list(others)
    found = [
        SamePhoto(mine.upload_id, other.kind, other.id, distance)
        for mine in photos
        for other in others
        if other.id != mine.id and (distance := _distance(mine.phash, other.phash)) <= within
    ]
    return sorted(found, key=lambda photo: photo.distance)


def _distance(one: int, other: int) -> int:
    return ((one ^ other) & MASK).bit_count()
