"""What leads out of the shop is found however it is spelt, and ordinary words are left alone."""

from time import process_time

import pytest

from advice.contacts import contacts
from domain.advice import Contact, ContactKind

FOUND = [
    ("link", "see [https://example.org/a?b=1] for more"),
    ("link", "来这里看[http://example.cn/x]有惊喜"),
    ("link", "go to [www.example.com] now"),
    ("link", "cheaper at [best-deals.co.uk/sale], trust me"),
    ("link", "half the price: [bestdeals dot com] trust me"),
    ("link", "half the price: [bestdeals (dot) net]"),
    ("link", "搜[example点com]更便宜"),
    ("link", "[bit.ly/3xYz] has the same"),
    ("link", "[hxxps://example.org]"),
    ("link", "[w w w . e x a m p l e . c o m]"),
    ("email", "write to [a.buyer+x@mail.example.org]."),
    ("email", "write to [a.buyer (at) example (dot) com]"),
    ("email", "write to [buyer at example dot com]"),
    ("email", "write to [j o e @ m a i l . c o m]"),
    ("email", "邮箱[buyer＠example．com]"),
    ("email", "发到[buyer艾特example点com]"),
    ("phone", "call [+44 1632 960001]"),
    ("phone", "call [01632 960001] any time"),
    ("phone", "call [(212) 555-0100] any time"),
    ("phone", "call [212-555-0100]"),
    ("phone", "打我电话[13800138000]"),
    ("phone", "打我电话[138-0013-8000]"),
    ("phone", "电话[１３８００１３８０００]"),
    ("phone", "电话[一三八零零一三八零零零]"),
    ("phone", "电话[1 3 8 0 0 1 3 8 0 0 0]"),
    ("phone", "电话[1-3-8-0-0-1-3-8-0-0-0]返现"),
    ("phone", "电话[138\u200b0013\u200b8000]"),
    ("wechat", "my [WeChat: abc_12345]"),
    ("wechat", "[微信号abcde12]返现"),
    ("wechat", "[加我V信 xyz12345]"),
    ("wechat", "[vx：shop2020]"),
    ("wechat", "[w e i x i n : a b c 1 2 3]"),
    ("wechat", "好评返现[加微信]"),
    ("wechat", "[薇信 13800138000]"),
    ("wechat", "please [add me on WeChat]"),
    ("qq", "[QQ: 123456789]"),
    ("qq", "[扣扣一二三四五六]"),
    ("qq", "[Q Q 1 2 3 4 5 6 7]"),
    ("qq", "[qq群 87654321]"),
    ("whatsapp", "[WhatsApp +44 7700 900123]"),
    ("whatsapp", "[wa.me/447700900123]"),
    ("whatsapp", "[text me on whatsapp] for a discount"),
]


@pytest.mark.parametrize(("kind", "marked"), FOUND, ids=[marked for _, marked in FOUND])
def test_a_way_out_of_the_shop_is_found_where_it_stands(kind: str, marked: str) -> None:
    start, end = marked.index("["), marked.index("]") - 1
    text = marked.replace("[", "").replace("]", "")
    assert contacts(text) == [Contact(ContactKind(kind), start, end)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Order 536365, line 1, bought on 2026-11-24 at 12:30.",
        "It broke.It was a present. Look at it. Top quality it is not.",
        "Tracking number 1Z999AA10123456784 and 00340434161094042557 say delivered.",
        "Size 38-40, 1.5 l, 220-240 V, model A4-1200, version 10.2.1",
        "I paid 1,530.00 for 12 pieces, 127.50 each.",
        "支付的时候用的是微信支付，没有问题",
        "一个碎了，二三个有划痕，十个里面坏了五六个",
        "WeChat payment was fine. I met a friend at the shop.",
        "12 34 56 78 90",
        "I am 5 ft 7 and it is a bit short e.g. at the sleeves.",
        "Case 019ae7a0-0000-7000-8000-000000000001",
        "😀 great, 5/5 ⭐⭐⭐⭐⭐",
    ],
)
def test_ordinary_words_and_numbers_are_left_alone(text: str) -> None:
    assert contacts(text) == []


def test_several_are_told_in_the_order_of_the_text() -> None:
    text = "www.example.com or a@example.com or +44 1632 960001"
    assert [(found.kind, text[found.start : found.end]) for found in contacts(text)] == [
        ("link", "www.example.com"),
        ("email", "a@example.com"),
        ("phone", "+44 1632 960001"),
    ]


@pytest.mark.parametrize(
    "piece", "a. |1 |加|a at |www.|@|whatsapp |http://|a-|a.b|微信 |+|0".split("|")
)
def test_a_long_text_full_of_beginnings_takes_no_longer_than_others(piece: str) -> None:
    """No pattern may read the rest of the text anew from each of its characters."""
    started = process_time()
    contacts((piece * 5_000)[:5_000])
    assert process_time() - started < 2
