"""How a person of a pushed order can be written to: what is kept of it, and what refuses the order."""

import msgspec
import pytest

from chalicelib.domain.orders.body import Reach
from chalicelib.edge.order_bodies import PersonBody, SellerBody


def person(**fields: object) -> PersonBody:
    return msgspec.convert({"id": "budi", "name": "Budi", **fields}, PersonBody)


@pytest.mark.parametrize(
    ("told", "email", "reach"),
    [
        ({"email": "budi@example.com"}, "budi@example.com", Reach.DIRECT),
        ({"email": "x1@relay.example", "contact": "proxy"}, "x1@relay.example", Reach.PROXY),
        ({"email": "********oo@shopee.test"}, "********oo@shopee.test", Reach.MASKED),
        ({"email": "a***b@shop.test", "contact": "proxy"}, "a***b@shop.test", Reach.MASKED),
        ({"email": "T** K*"}, "T** K*", Reach.MASKED),
        ({"email": "สมชาย@ตัวอย่าง.example"}, "สมชาย@ตัวอย่าง.example", Reach.MASKED),
        ({"email": "王.小明@example.com", "contact": "proxy"}, "王.小明@example.com", Reach.MASKED),
        ({"email": "budi@ตัวอย่าง.example"}, "budi@ตัวอย่าง.example", Reach.DIRECT),
        ({"email": "disembunyikan", "contact": "masked"}, "disembunyikan", Reach.MASKED),
        ({"email": "budi@example.com", "contact": "none"}, "budi@example.com", Reach.NONE),
        ({"email": ""}, None, Reach.NONE),
        ({"email": None}, None, Reach.NONE),
        ({}, None, Reach.NONE),
    ],
)
def test_the_address_itself_says_how_far_it_reaches(told: dict[str, object], email: str | None, reach: Reach) -> None:
    kept = person(**told)
    assert (kept.email, kept.contact) == (email, reach)


@pytest.mark.parametrize(
    "email",
    [
        "budi",
        "budi@",
        "สมชาย",
        "สม ชาย@x.example",
        "bu\u202edi@x.example",
        "王@x\r\nBcc: y@z.example",
        "budi..x@example.com",
        "budi@x\u2028.example",
        "x" * 255 + "*",
    ],
)
def test_an_address_that_is_neither_masked_nor_one_refuses_the_order(email: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        person(email=email)


def test_a_seller_need_not_have_an_address_either() -> None:
    assert msgspec.convert({"id": "toko", "name": "Toko"}, SellerBody).contact is Reach.NONE
