"""JSON as it is stored under `z`: compressed, with what is known beforehand of an order's fields and their usual
values. A short order takes a third of its JSON so, and half of what zlib alone makes of it."""

import zlib
from collections.abc import Mapping

# By the version that is the first byte of whatever is packed with it; what is likelier stands later. A dictionary that
# was released is never changed, or nothing packed with it could be read again: a better one is another version.
DICTIONARIES: Mapping[int, bytes] = {
    1: (
        b'tiktok_shoptokopediashopeelazada","version":1,"status":"unpaidcancelledcompleteddeliveredshipped'
        b'ready_to_shipprocessingplaced","method":"voucher"coins"card"bank"virtual_account"paylater"cod"wallet"'
        b'"locale":"en"},@yahoo.co.id@example.com","phone":"+62811111","locale":"id"},Official Store@outlook.com'
        b"electronicsbeautyhomefoodshoesfashion Wanita Pria Anak Warna Hitam Putih Ukuran "
        b'"discounts":[{"code":"VOUCHER","amount":10000,"funded_by":"seller"},{"code":"","amount":5000,"funded_by":'
        b'"platform"}],"fulfilment":"platform"}'
        b'{"order_id":"2026","platform":"lazada","version":1,"status":"placed","buyer":{"id":"","name":"Budi",'
        b'"email":"@gmail.com","phone":"+628","locale":"id"},"seller":{"id":"","name":"Toko ","email":"@gmail.com",'
        b'"phone":null,"locale":"id"},"placed_at":"2026-11-22T03:00:00Z","currency":"IDR","lines":[{"line_id":"1",'
        b'"name":"Kemeja ","quantity":1,"unit_price":50000,"sku":"SKU-","category":"fashion","package":"'
        b'"},{"line_id":"2","name":"","quantity":2,"unit_price":00000,"sku":null,"category":null,"package":null}],'
        b'"tenders":[{"method":"wallet","amount":000}],"paid_at":"2026-11-22T03:00:00Z","delivered_at":null,'
        b'"shipping_fee":0,"service_fee":0,"tax":0,"discounts":[],"fulfilment":"seller"}'
    ),
}
_NEWEST = max(DICTIONARIES)


def packed(text: str) -> bytes:
    """A text as it is stored: the dictionary's version, then zlib."""
    press = zlib.compressobj(9, zdict=DICTIONARIES[_NEWEST])
    return bytes([_NEWEST]) + press.compress(text.encode()) + press.flush()


def unpacked(z: bytes) -> str:
    """The text that was packed, by whatever version."""
    press = zlib.decompressobj(zdict=DICTIONARIES[z[0]])
    return (press.decompress(z[1:]) + press.flush()).decode()
