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
        b':00Z","timeline":{"count":2,"head":"salted:"}}{"seq":2,"at":"2026-12-2T0:00:00Z","actor":{"role":"seller'
        b'","id":"","person":null,"door":null},"command":"approve","came_from":"awaiting_seller","state":"closed",'
        b'"policy":"lazada v1","decision_id":"","outcome":"cancelled","reason_code":null,"comment":null,"note":nul'
        b'l,"tracking_number":null,"facts":{"refund_total":0000,"events":{"order.cancelled":"","case.closed":""}},'
        b'"events":{"order.cancelled":{"case_id":"","kind":"cancellation","order_id":"","platform":"lazada","buyer'
        b'_id":"","seller_id":"","state":"closed","outcome":"cancelled","sequence":2,"lines":[{"line_id":"1","quan'
        b'tity":1}],"fault":"buyer","currency":"IDR","refund_total":0000,"fees_total":0},"case.closed":{"case_id":'
        b'"","kind":"cancellation","order_id":"","platform":"lazada","buyer_id":"","seller_id":"","state":"closed"'
        b',"outcome":"cancelled","sequence":2}},"digests":null,"salts":null,"erased":null,"previous":"salted:","ha'
        b'sh":"salted:"}{"seq":1,"at":"2026-12-2T0:00:00Z","actor":{"role":"buyer","id":"","person":null,"door":nu'
        b'll},"command":"ask","came_from":null,"state":"awaiting_seller","policy":"lazada v1","decision_id":"","ou'
        b'tcome":null,"reason_code":"wrong_size","comment":null,"note":null,"tracking_number":null,"facts":{"quote'
        b'_id":"","refund_total":0000,"fees_total":0,"lines":{"1":1},"channel":"app","terms_version":"2026-11","ev'
        b'ents":{"case.opened":"","order.hold_shipment":""}},"events":{"case.opened":{"case_id":"","kind":"cancell'
        b'ation","order_id":"","platform":"lazada","buyer_id":"","seller_id":"","state":"awaiting_seller","outcome'
        b'":null,"sequence":1,"lines":[{"line_id":"1","quantity":1}],"answer_by":"2026-12-2T0:00:00Z","if_silent":'
        b'"escalate"},"order.hold_shipment":{"case_id":"","kind":"cancellation","order_id":"","platform":"lazada",'
        b'"buyer_id":"","seller_id":"","state":"awaiting_seller","outcome":null,"sequence":1,"lines":[{"line_id":"'
        b'1","quantity":1}],"until":"2026-12-2T0:00:00Z"}},"digests":null,"salts":null,"erased":null,"previous":""'
        b',"hash":"salted:"}{"case_id":"","kind":"cancellation","order_id":"","platform":"lazada","buyer_id":"","s'
        b'eller_id":"","state":"closed","asked":{"reason_code":"wrong_size","fault":"buyer","comment":null,"channe'
        b'l":"app","by":{"role":"buyer","id":"","person":null,"door":null},"terms_version":"2026-11","on_behalf_of'
        b'":null,"often":false,"by_rule":null,"dry_rule":null},"lines":{"1":1},"quote":{"quote_id":"","currency":"'
        b'IDR","paid":0000,"refund_total":0000,"fees_total":0,"lines":[{"label":"goods","amount":0000,"rule":"good'
        b's_paid","detail":"Kemeja"}],"tenders":[{"method":"wallet","amount":0000,"arrives_by":"2026-12-2T0:00:00Z'
        b'"}]},"policy":{"name":"lazada","version":1,"parcel_moves":"continue","rating":"marketplace"},"attempt":1'
        b',"created_at":"2026-12-2T0:00:00Z","updated_at":"2026-12-2T0:00:00Z","order_status":"processing","rest":'
        b'{},"worth":0000,"outcome":"cancelled","deadline_at":null,"if_silent":null,"offer":null,"rounds":0,"decis'
        b'ion":{"command":"approve","by":{"role":"seller","id":"","person":null,"door":null},"at":"2026-12-2T0:00:'
        b'00Z","reason_code":null,"comment":null,"note":null,"tracking_number":null},"refund":{"refund_id":"rf_","'
        b'currency":"IDR","total":0000,"parts":[{"method":"wallet","amount":0000,"state":"paid","arrives_by":"2026'
        b'-12-2T0:00:00Z"}],"overdue":false,"events":[]},"goods":null,"way_back":null,"dismissed":{},"lapsed":fals'
        b'e,"ran_out":null,"agreed":false,"given_back":0,"extensions":0,"quoted":null,"claimed_by":null,"first_yes'
        b'":null,"parcel":null,"appeals":0,"moved_to":null,"late_parcel":null,"late_parcel_way":null,"closed_at":"'
        b'2026-12-2T0:00:00Z","run":1,"turn":2,"entries":2,"head":"salted:","decision_id":""}{"case_id":"","kind":'
        b'"cancellation","order_id":"","platform":"lazada","buyer_id":"","seller_id":"","state":"awaiting_seller",'
        b'"asked":{"reason_code":"wrong_size","fault":"buyer","comment":null,"channel":"app","by":{"role":"buyer",'
        b'"id":"","person":null,"door":null},"terms_version":"2026-11","on_behalf_of":null,"often":false,"by_rule"'
        b':null,"dry_rule":null},"lines":{"1":1},"quote":{"quote_id":"","currency":"IDR","paid":0000,"refund_total'
        b'":0000,"fees_total":0,"lines":[{"label":"goods","amount":0000,"rule":"goods_paid","detail":"Kemeja"}],"t'
        b'enders":[{"method":"wallet","amount":0000,"arrives_by":"2026-12-2T0:00:00Z"}]},"policy":{"name":"lazada"'
        b',"version":1,"parcel_moves":"continue","rating":"marketplace"},"attempt":1,"created_at":"2026-12-2T0:00:'
        b'00Z","updated_at":"2026-12-2T0:00:00Z","order_status":"processing","rest":{},"worth":0000,"outcome":null'
        b',"deadline_at":"2026-12-2T0:00:00Z","if_silent":"escalate","offer":null,"rounds":0,"decision":null,"refu'
        b'nd":null,"goods":null,"way_back":null,"dismissed":{},"lapsed":false,"ran_out":null,"agreed":false,"given'
        b'_back":0,"extensions":0,"quoted":null,"claimed_by":null,"first_yes":null,"parcel":null,"appeals":0,"move'
        b'd_to":null,"late_parcel":null,"late_parcel_way":null,"closed_at":null,"run":1,"turn":1,"entries":1,"head'
        b'":"salted:","decision_id":""}'
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
