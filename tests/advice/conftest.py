"""The models, loaded or trained once for all tests."""

from hashlib import sha256

import pytest

from advice.sentiment import Labelled, Model, labelled_reviews, train


@pytest.fixture(scope="session")
def held_out() -> tuple[list[Labelled], list[Labelled]]:
    """The labelled Chinese reviews: four fifths to train on, and a fifth chosen by their hashes,
    the same one for ever.
    """
    reviews = labelled_reviews()
    chosen = [review for review in reviews if _fifth(review[0]) == 0]
    return [review for review in reviews if _fifth(review[0]) != 0], chosen


@pytest.fixture(scope="session")
def chinese(held_out: tuple[list[Labelled], list[Labelled]]) -> Model:
    """The model of Chinese sentiment, trained without the fifth that was held out."""
    return train(held_out[0])


def _fifth(text: str) -> int:
    return int.from_bytes(sha256(text.encode()).digest()) % 5
