"""Is the language of a customer's text known, and a guess not passed off as knowledge?"""

import pytest

from advice.language import language


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("zh", "收到的杯子是碎的，要求退款"),
        ("zh", "質量太差，收到貨品已損壞"),
        ("zh", "太差了"),
        ("en", "I want my money back"),
        ("en", "WRONG COLOUR, THE ZIP IS BROKEN"),
        ("ja", "商品が壊れていました"),
        ("ko", "배송이 너무 늦어요"),
        ("de", "Die Tasse kam kaputt an"),
        ("fr", "La tasse est arrivée cassée"),
        ("es", "El paquete nunca llegó"),
        ("ru", "Товар пришёл сломанным"),
        ("ar", "سلعة مكسورة"),
    ],
)
def test_a_sentence_is_known_by_its_language(code: str, text: str) -> None:
    assert language(text).code == code


@pytest.mark.parametrize("text", ["", "ok", "late", "12345 678", "🙂🙂🙂", "!!!"])
def test_what_is_too_short_to_tell_is_unknown(text: str) -> None:
    assert language(text).code == "unknown"
