"""JSON as it is stored under `z`: compressed, with what is known beforehand of its fields and their usual values. An
order of one line takes a third of its JSON so, and half of what zlib alone makes of it; a case a fourth."""

import zlib
from collections.abc import Mapping

# Which dictionary: the first of orders, the first of cases with their entries and the answers about them.
ORDERS, CASES = 1, 2

# By the number that is the first byte of whatever is packed with it; what is likelier stands later. A dictionary that
# was released is never changed, or nothing packed with it could be read again: a better one gets another number.
DICTIONARIES: Mapping[int, bytes] = {
    ORDERS: (
        b'tiktok_shoptokopediashopeelazada","version":1,"status":"unpaidcancelledcompleteddeliveredshipped'
        b'ready_to_shipprocessingplaced","method":"voucher"coins"card"bank"virtual_account"paylater"cod"wallet"'
        b'"locale":"en"},@yahoo.co.id@example.com","phone":"+62811111","locale":"id"},Official Store@outlook.com'
        b"electronicsbeautyhomefoodshoesfashion Wanita Pria Anak Warna Hitam Putih Ukuran "
        b'"discounts":[{"code":"VOUCHER","amount":10000,"funded_by":"seller"},{"code":"","amount":5000,"funded_by":'
        b'"platform"}],"fulfilment":"platform"}'
        b'{"order_id":"2026","platform":"lazada","version":1,"status":"placed","buyer":{"id":"","name":"Budi",'
        b'"email":"@gmail.com","phone":"+628","locale":"id"},"seller":{"id":"","name":"Toko ","email":"@gmail.com",'
        b'"phone":null,"locale":"id","return_address":null},"placed_at":"2026-11-22T03:00:00Z","currency":"IDR","lines":[{"line_id":"1",'
        b'"name":"Kemeja ","quantity":1,"unit_price":50000,"sku":"SKU-","category":"fashion","package":"'
        b'"},{"line_id":"2","name":"","quantity":2,"unit_price":00000,"sku":null,"category":null,"package":null}],'
        b'"tenders":[{"method":"wallet","amount":000}],"paid_at":"2026-11-22T03:00:00Z","delivered_at":null,'
        b'"shipping_fee":0,"service_fee":0,"tax":0,"discounts":[],"fulfilment":"seller"}'
    ),
    CASES: (
        b"rejectedexpiredwithdrawnovertakensettledreturnedawaiting_supportawaiting_goodsrefundingawaiting_buyerrej"
        b'ect"reason_code":"changed_mindseller_slowfound_cheaperwrong_addressdamagedtokopediashopee"placedready_to'
        b'_shipshippeddeliveredpaylatervirtual_accountbankcodcoinsvouchercard"dueinstant{"case_id":"","kind":"canc'
        b'ellation","order_id":"","platform":"lazada","buyer_id":"","seller_id":"","state":"closed","outcome":"can'
        b'celled","waiting_for":null,"deadline_at":null,"if_silent":null,"reason":{"code":"wrong_size","fault":"bu'
        b'yer","comment":null},"lines":[{"line_id":"1","quantity":1}],"channel":"app","terms_version":"2026-11","q'
        b'uote":{"quote_id":"","currency":"IDR","paid":0000,"refund_total":0000,"fees_total":0,"lines":[{"label":"'
        b'Kemeja","amount":0000,"rule":"goods_paid","why":"Harga barang yang Anda bayar kembali."}],"tenders":[{"m'
        b'ethod":"wallet","amount":0000,"arrives_by":"2026-12-2T0:00:00Z"}]},"offer":null,"decision":{"command":"a'
        b'pprove","by":"seller","at":"2026-12-2T0:00:00Z","reason_code":null,"comment":null,"tracking_number":null'
        b'},"refund":{"refund_id":"rf_","state":"succeeded","currency":"IDR","total":0000,"parts":[{"method":"wall'
        b'et","amount":0000,"state":"paid","arrives_by":"2026-12-2T0:00:00Z"}]},"goods":null,"way_back":null,"dism'
        b'issed":[],"parcel":null,"late_parcel":null,"needs_second_person":false,"buyer_asks_often":false,"counts_'
        b'against_seller":false,"on_behalf_of":null,"policy":{"name":"lazada","version":1},"attempt":1,"run":1,"ve'
        b'rsion":2,"created_at":"2026-12-2T0:00:00Z","updated_at":"2026-12-2T0:00:00Z","closed_at":"2026-12-2T0:00'
        b':00Z","timeline":{"count":2,"head":"salted:fa34ce4f60d5d9b8132afc774f9c042d262155657690f8bbe481336bdd21f'
        b'ae4"}}{"seq":2,"at":"2026-12-2T0:00:00Z","actor":{"role":"seller","id":"","person":null,"door":null},"co'
        b'mmand":"approve","came_from":"awaiting_seller","state":"closed","policy":"lazada v1","decision_id":"","o'
        b'utcome":"cancelled","reason_code":null,"comment":null,"note":null,"tracking_number":null,"facts":{"refun'
        b'd_total":0000,"events":{"order.cancelled":"","case.closed":""}},"events":{"order.cancelled":{"case_id":"'
        b'","kind":"cancellation","order_id":"","platform":"lazada","buyer_id":"","seller_id":"","state":"closed",'
        b'"outcome":"cancelled","sequence":2,"lines":[{"line_id":"1","quantity":1}],"fault":"buyer","currency":"ID'
        b'R","refund_total":0000,"fees_total":0},"case.closed":{"case_id":"","kind":"cancellation","order_id":"","'
        b'platform":"lazada","buyer_id":"","seller_id":"","state":"closed","outcome":"cancelled","sequence":2}},"d'
        b'igests":null,"salts":null,"erased":null,"previous":"salted:f551bb14456f44b2dd524e073bc84044199ee7eef4b5a'
        b'53dc6eda3dff95420f2","hash":"salted:fa34ce4f60d5d9b8132afc774f9c042d262155657690f8bbe481336bdd21fae4"}{"'
        b'seq":1,"at":"2026-12-2T0:00:00Z","actor":{"role":"buyer","id":"","person":null,"door":null},"command":"a'
        b'sk","came_from":null,"state":"awaiting_seller","policy":"lazada v1","decision_id":"","outcome":null,"rea'
        b'son_code":"wrong_size","comment":null,"note":null,"tracking_number":null,"facts":{"quote_id":"","refund_'
        b'total":0000,"fees_total":0,"lines":{"1":1},"channel":"app","terms_version":"2026-11","events":{"case.ope'
        b'ned":"","order.hold_shipment":""}},"events":{"case.opened":{"case_id":"","kind":"cancellation","order_id'
        b'":"","platform":"lazada","buyer_id":"","seller_id":"","state":"awaiting_seller","outcome":null,"sequence'
        b'":1,"lines":[{"line_id":"1","quantity":1}],"answer_by":"2026-12-2T0:00:00Z","if_silent":"escalate"},"ord'
        b'er.hold_shipment":{"case_id":"","kind":"cancellation","order_id":"","platform":"lazada","buyer_id":"","s'
        b'eller_id":"","state":"awaiting_seller","outcome":null,"sequence":1,"lines":[{"line_id":"1","quantity":1}'
        b'],"until":"2026-12-2T0:00:00Z"}},"digests":null,"salts":null,"erased":null,"previous":"","hash":"salted:'
        b'f551bb14456f44b2dd524e073bc84044199ee7eef4b5a53dc6eda3dff95420f2"}{"case_id":"","kind":"cancellation","o'
        b'rder_id":"","platform":"lazada","buyer_id":"","seller_id":"","state":"closed","asked":{"reason_code":"wr'
        b'ong_size","fault":"buyer","comment":null,"channel":"app","by":{"role":"buyer","id":"","person":null,"doo'
        b'r":null},"terms_version":"2026-11","on_behalf_of":null,"often":false,"by_rule":null,"dry_rule":null},"li'
        b'nes":{"1":1},"quote":{"quote_id":"","currency":"IDR","paid":0000,"refund_total":0000,"fees_total":0,"lin'
        b'es":[{"label":"goods","amount":0000,"rule":"goods_paid","detail":"Kemeja"}],"tenders":[{"method":"wallet'
        b'","amount":0000,"arrives_by":"2026-12-2T0:00:00Z"}]},"policy":{"name":"lazada","version":1,"parcel_moves'
        b'":"continue","rating":"marketplace"},"attempt":1,"created_at":"2026-12-2T0:00:00Z","updated_at":"2026-12'
        b'-2T0:00:00Z","order_status":"processing","rest":{},"worth":0000,"outcome":"cancelled","deadline_at":null'
        b',"if_silent":null,"offer":null,"rounds":0,"decision":{"command":"approve","by":{"role":"seller","id":"",'
        b'"person":null,"door":null},"at":"2026-12-2T0:00:00Z","reason_code":null,"comment":null,"note":null,"trac'
        b'king_number":null},"refund":{"refund_id":"rf_","currency":"IDR","total":0000,"parts":[{"method":"wallet"'
        b',"amount":0000,"state":"paid","arrives_by":"2026-12-2T0:00:00Z"}],"overdue":false,"events":[]},"goods":n'
        b'ull,"way_back":null,"dismissed":{},"lapsed":false,"ran_out":null,"agreed":false,"given_back":0,"extensio'
        b'ns":0,"quoted":null,"claimed_by":null,"first_yes":null,"parcel":null,"appeals":0,"moved_to":null,"late_p'
        b'arcel":null,"late_parcel_way":null,"closed_at":"2026-12-2T0:00:00Z","run":1,"turn":2,"entries":2,"head":'
        b'"salted:fa34ce4f60d5d9b8132afc774f9c042d262155657690f8bbe481336bdd21fae4","decision_id":""}{"case_id":""'
        b',"kind":"cancellation","order_id":"","platform":"lazada","buyer_id":"","seller_id":"","state":"awaiting_'
        b'seller","asked":{"reason_code":"wrong_size","fault":"buyer","comment":null,"channel":"app","by":{"role":'
        b'"buyer","id":"","person":null,"door":null},"terms_version":"2026-11","on_behalf_of":null,"often":false,"'
        b'by_rule":null,"dry_rule":null},"lines":{"1":1},"quote":{"quote_id":"","currency":"IDR","paid":0000,"refu'
        b'nd_total":0000,"fees_total":0,"lines":[{"label":"goods","amount":0000,"rule":"goods_paid","detail":"Keme'
        b'ja"}],"tenders":[{"method":"wallet","amount":0000,"arrives_by":"2026-12-2T0:00:00Z"}]},"policy":{"name":'
        b'"lazada","version":1,"parcel_moves":"continue","rating":"marketplace"},"attempt":1,"created_at":"2026-12'
        b'-2T0:00:00Z","updated_at":"2026-12-2T0:00:00Z","order_status":"processing","rest":{},"worth":0000,"outco'
        b'me":null,"deadline_at":"2026-12-2T0:00:00Z","if_silent":"escalate","offer":null,"rounds":0,"decision":nu'
        b'll,"refund":null,"goods":null,"way_back":null,"dismissed":{},"lapsed":false,"ran_out":null,"agreed":fals'
        b'e,"given_back":0,"extensions":0,"quoted":null,"claimed_by":null,"first_yes":null,"parcel":null,"appeals"'
        b':0,"moved_to":null,"late_parcel":null,"late_parcel_way":null,"closed_at":null,"run":1,"turn":1,"entries"'
        b':1,"head":"salted:f551bb14456f44b2dd524e073bc84044199ee7eef4b5a53dc6eda3dff95420f2","decision_id":""}'
    ),
}


def packed(text: str, dictionary: int) -> bytes:
    """A text as it is stored: the dictionary's number, then zlib."""
    press = zlib.compressobj(9, zdict=DICTIONARIES[dictionary])
    return bytes([dictionary]) + press.compress(text.encode()) + press.flush()


def unpacked(z: bytes) -> str:
    """The text that was packed, with whatever dictionary."""
    press = zlib.decompressobj(zdict=DICTIONARIES[z[0]])
    return (press.decompress(z[1:]) + press.flush()).decode()
