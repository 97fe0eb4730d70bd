"""Are praise and blame told apart: Chinese by the reviews that were held out, English by VADER?"""

import pytest

from advice.sentiment import Labelled, Model, labelled_reviews, sentiment
from domain.advice import Tone


def test_of_the_labelled_reviews_no_text_comes_twice() -> None:
    texts = [text for text, _ in labelled_reviews()]
    assert len(texts) == len(set(texts)) > 17_000


def test_chinese_praise_and_blame_are_told_apart_in_reviews_that_were_held_out(
    chinese: Model,
    held_out: tuple[list[Labelled], list[Labelled]],
) -> None:
    learnt, unseen = held_out
    assert not {text for text, _ in learnt} & {text for text, _ in unseen}
    said = chinese([text for text, _ in unseen])
    right = sum((score > 0.5) == praise for score, (_, praise) in zip(said, unseen, strict=True))
    accuracy = right / len(unseen)
    print(f"accuracy {accuracy:.4f}: {right} of {len(unseen)} reviews that were held out")
    assert accuracy >= 0.85


@pytest.mark.parametrize(
    ("text", "tone"),
    [
        ("I love it, beautiful and well made!", Tone.POSITIVE),
        ("Great value, works perfectly, thank you.", Tone.POSITIVE),
        ("Terrible quality, it broke on the first day and support was useless.", Tone.NEGATIVE),
        ("Awful. I am very disappointed and want my money back.", Tone.NEGATIVE),
        ("The parcel has two boxes.", Tone.NEUTRAL),
    ],
)
def test_english_praise_and_blame_are_told_apart(text: str, tone: Tone) -> None:
    found = sentiment(text, "en")
    assert found is not None
    assert found.tone is tone


@pytest.mark.parametrize(
    ("text", "stars", "against"),
    [
        ("Terrible, it broke at once.", 5, True),
        ("Terrible, it broke at once.", 1, False),
        ("I love it, beautiful!", 1, True),
        ("I love it, beautiful!", 5, False),
        ("I love it, beautiful!", 3, False),
        ("I love it, beautiful!", None, False),
    ],
)
def test_words_against_the_stars_are_noticed(text: str, stars: int | None, against: bool) -> None:
    found = sentiment(text, "en", stars)
    assert found is not None
    assert found.against_stars is against


def test_of_a_language_without_a_model_nothing_is_said() -> None:
    assert sentiment("Die Tasse kam kaputt an.", "de") is None
    assert sentiment("ok", "unknown") is None
