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
        b'"phone":null,"locale":"id"},"placed_at":"2026-11-22T03:00:00Z","currency":"IDR","lines":[{"line_id":"1",'
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
        b'et","amount":0000,"state":"paid","arrives_by":"2026-12-2T0:00:00Z"}]},"goods":null,"parcel":null,"late_p'
        b'arcel":null,"needs_second_person":false,"buyer_asks_often":false,"counts_against_seller":false,"on_behal'
        b'f_of":null,"policy":{"name":"lazada","version":1},"attempt":1,"run":1,"version":2,"created_at":"2026-12-'
        b'2T0:00:00Z","updated_at":"2026-12-2T0:00:00Z","closed_at":"2026-12-2T0:00:00Z","timeline":{"count":2,"he'
        b'ad":""}}{"seq":2,"at":"2026-12-2T0:00:00Z","actor":{"role":"seller","id":"","person":null,"door":null},"'
        b'command":"approve","came_from":"awaiting_seller","state":"closed","policy":"lazada v1","decision_id":"",'
        b'"outcome":"cancelled","reason_code":null,"comment":null,"note":null,"tracking_number":null,"facts":{"ref'
        b'und_total":0000,"events":{"order.cancelled":"","case.closed":""}},"events":{"order.cancelled":{"case_id"'
        b':"","kind":"cancellation","order_id":"","platform":"lazada","buyer_id":"","seller_id":"","state":"closed'
        b'","outcome":"cancelled","sequence":2,"lines":[{"line_id":"1","quantity":1}],"fault":"buyer","currency":"'
        b'IDR","refund_total":0000,"fees_total":0},"case.closed":{"case_id":"","kind":"cancellation","order_id":""'
        b',"platform":"lazada","buyer_id":"","seller_id":"","state":"closed","outcome":"cancelled","sequence":2}},'
        b'"previous":"","hash":""}{"seq":1,"at":"2026-12-2T0:00:00Z","actor":{"role":"buyer","id":"","person":null'
        b',"door":null},"command":"ask","came_from":null,"state":"awaiting_seller","policy":"lazada v1","decision_'
        b'id":"","outcome":null,"reason_code":"wrong_size","comment":null,"note":null,"tracking_number":null,"fact'
        b's":{"quote_id":"","refund_total":0000,"fees_total":0,"lines":{"1":1},"channel":"app","terms_version":"20'
        b'26-11","events":{"case.opened":"","order.hold_shipment":""}},"events":{"case.opened":{"case_id":"","kind'
        b'":"cancellation","order_id":"","platform":"lazada","buyer_id":"","seller_id":"","state":"awaiting_seller'
        b'","outcome":null,"sequence":1,"lines":[{"line_id":"1","quantity":1}],"answer_by":"2026-12-2T0:00:00Z","i'
        b'f_silent":"escalate"},"order.hold_shipment":{"case_id":"","kind":"cancellation","order_id":"","platform"'
        b':"lazada","buyer_id":"","seller_id":"","state":"awaiting_seller","outcome":null,"sequence":1,"lines":[{"'
        b'line_id":"1","quantity":1}],"until":"2026-12-2T0:00:00Z"}},"previous":"","hash":""}{"case_id":"","kind":'
        b'"cancellation","order_id":"","platform":"lazada","buyer_id":"","seller_id":"","state":"closed","asked":{'
        b'"reason_code":"wrong_size","fault":"buyer","comment":null,"channel":"app","by":{"role":"buyer","id":"","'
        b'person":null,"door":null},"terms_version":"2026-11","on_behalf_of":null,"often":false,"by_rule":null,"dr'
        b'y_rule":null},"lines":{"1":1},"quote":{"quote_id":"","currency":"IDR","paid":0000,"refund_total":0000,"f'
        b'ees_total":0,"lines":[{"label":"goods","amount":0000,"rule":"goods_paid","detail":"Kemeja"}],"tenders":['
        b'{"method":"wallet","amount":0000,"arrives_by":"2026-12-2T0:00:00Z"}]},"policy":{"name":"lazada","version'
        b'":1,"parcel_moves":"continue","rating":"marketplace"},"attempt":1,"created_at":"2026-12-2T0:00:00Z","upd'
        b'ated_at":"2026-12-2T0:00:00Z","order_status":"processing","rest":{},"worth":0000,"outcome":"cancelled","'
        b'deadline_at":null,"if_silent":null,"offer":null,"rounds":0,"decision":{"command":"approve","by":{"role":'
        b'"seller","id":"","person":null,"door":null},"at":"2026-12-2T0:00:00Z","reason_code":null,"comment":null,'
        b'"note":null,"tracking_number":null},"refund":{"refund_id":"rf_","currency":"IDR","total":0000,"parts":[{'
        b'"method":"wallet","amount":0000,"state":"paid","arrives_by":"2026-12-2T0:00:00Z"}],"overdue":false,"even'
        b'ts":[]},"goods":null,"lapsed":false,"ran_out":null,"agreed":false,"given_back":0,"extensions":0,"quoted"'
        b':null,"claimed_by":null,"first_yes":null,"parcel":null,"appeals":0,"moved_to":null,"late_parcel":null,"l'
        b'ate_parcel_way":null,"closed_at":"2026-12-2T0:00:00Z","run":1,"turn":2,"entries":2,"head":"","decision_i'
        b'd":""}{"case_id":"","kind":"cancellation","order_id":"","platform":"lazada","buyer_id":"","seller_id":""'
        b',"state":"awaiting_seller","asked":{"reason_code":"wrong_size","fault":"buyer","comment":null,"channel":'
        b'"app","by":{"role":"buyer","id":"","person":null,"door":null},"terms_version":"2026-11","on_behalf_of":n'
        b'ull,"often":false,"by_rule":null,"dry_rule":null},"lines":{"1":1},"quote":{"quote_id":"","currency":"IDR'
        b'","paid":0000,"refund_total":0000,"fees_total":0,"lines":[{"label":"goods","amount":0000,"rule":"goods_p'
        b'aid","detail":"Kemeja"}],"tenders":[{"method":"wallet","amount":0000,"arrives_by":"2026-12-2T0:00:00Z"}]'
        b'},"policy":{"name":"lazada","version":1,"parcel_moves":"continue","rating":"marketplace"},"attempt":1,"c'
        b'reated_at":"2026-12-2T0:00:00Z","updated_at":"2026-12-2T0:00:00Z","order_status":"processing","rest":{},'
        b'"worth":0000,"outcome":null,"deadline_at":"2026-12-2T0:00:00Z","if_silent":"escalate","offer":null,"roun'
        b'ds":0,"decision":null,"refund":null,"goods":null,"lapsed":false,"ran_out":null,"agreed":false,"given_bac'
        b'k":0,"extensions":0,"quoted":null,"claimed_by":null,"first_yes":null,"parcel":null,"appeals":0,"moved_to'
        b'":null,"late_parcel":null,"late_parcel_way":null,"closed_at":null,"run":1,"turn":1,"entries":1,"head":""'
        b',"decision_id":""}'
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
