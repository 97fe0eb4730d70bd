"""Everything that can be said about one text. Each part may fail by itself."""

import logging
from collections.abc import Callable
from typing import Any

from advice.contacts import contacts
from advice.language import language
from advice.likeness import duplicates, similar
from advice.reasons import likely_reason
from advice.sentiment import sentiment
from domain.advice import Advice, Question

log = logging.getLogger(__name__)


def advise(question: Question) -> Advice:
    """Whatever the models say. What one of them cannot say is named in `failed`."""
    text = question.text
    said: dict[str, Any] = {}

    def spoken() -> str:
        return said["language"].code if said.get("language") else "unknown"

    parts: dict[str, Callable[[], Any]] = {
        "language": lambda: language(text),
        "sentiment": lambda: sentiment(text, spoken(), question.stars),
        "reason": lambda: likely_reason(text),
        "duplicates": lambda: duplicates(text, question.by_others),
        "similar": lambda: similar(text, question.earlier),
        "contacts": lambda: contacts(text),
    }
    failed = []
    for part, work in parts.items():
        try:
            said[part] = work()
        except Exception as error:  # noqa: BLE001  a wrong model costs its own part and no other
            log.warning("%s failed: %s", part, type(error).__name__)
            failed.append(part)
    return Advice(**said, failed=failed)
