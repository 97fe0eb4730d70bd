"""Which language is this text in?"""

from functools import cache
from typing import Any

from domain.advice import Language

LANGUAGES = "ar cs da de el en es fi fr he hi id it ja ko nl pl pt ru sv th tr uk vi zh".split()
"""What customers write in. With all the 100 and more that the model knows, "wrong colour" may be
anything.
"""

SURE = 0.6
"""Below this probability it is a guess: `ok` or `late` could be a word of many languages."""


def language(text: str) -> Language:
    """The text's language, `unknown` if it is too short to tell."""
    code, probability = _model().classify(text)
    known = probability >= SURE and any(char.isalpha() for char in text)
    return Language(code if known else "unknown", round(float(probability), 2))


@cache
def _model() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # noqa: PLC0415  of the extra

    model = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    model.set_languages(LANGUAGES)
    return model
