"""The layouts of the files that we know, by provider. Each says where its facts are from, and what was not found there;
none was proven against a live account. A new one is a row here, and a file for it in the tests.
"""

from collections.abc import Mapping

from chalicelib.domain.reconciliation.exact_amounts import NumberFormat, Unit
from chalicelib.domain.reconciliation.layouts import KindRule, Layout, Sign
from chalicelib.domain.reconciliation.settled import SettledKind

# No page of theirs shows a sign between thousands. A comma is taken for one, since beside a decimal point it can be
# nothing else; what has the signs the other way round is refused, and so is what could be either (`10.000`).
_POINT = NumberFormat(decimal=".", thousands=",")
# Cents and nothing else: DANA's pages show digits alone.
_DIGITS = NumberFormat(decimal=".", thousands="")

_MIDTRANS_TYPE = ("Transaction Type", "Transaction status", "Type")

_MIDTRANS = Layout(
    provider="midtrans",
    # The changelog says which columns were added and that more may come; a full list was not found, so each has several
    # names. Amounts and times are those of the API: whole rupiah with two decimals, WIB without a zone.
    source="docs.midtrans.com: changelog of the withdrawal report, get-transaction-status, refund-transaction",
    references=(
        ("Refund Key", "Refund ID"),
        ("Transaction ID", "Payment Transaction ID"),
        ("Order ID", "Payment Order ID", "Merchant Order ID"),
    ),
    amount=("Amount", "Gross Amount", "Transaction Amount"),
    currency_unless_told="IDR",
    at=("Settlement Time", "Settlement Date", "Transaction Time", "Transaction Date", "Date"),
    forms=("%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%d/%m/%Y"),
    numbers=_POINT,
    zone="Asia/Jakarta",
    kinds=(
        KindRule(
            column=_MIDTRANS_TYPE,
            words=("*fail*", "deny", "denied", "expire*", "cancel*", "pending"),
            kind=SettledKind.OTHER,
        ),
        KindRule(column=("Refund Type",), words=("*chargeback*",), kind=SettledKind.OTHER),
        KindRule(column=("Refund Type",), words=("*refund*",), kind=SettledKind.REFUND),
        KindRule(column=_MIDTRANS_TYPE, words=("*chargeback*",), kind=SettledKind.OTHER),
        KindRule(column=_MIDTRANS_TYPE, words=("*refund*",), kind=SettledKind.REFUND),
        KindRule(column=_MIDTRANS_TYPE, words=("*fee*",), kind=SettledKind.FEE),
        KindRule(
            column=_MIDTRANS_TYPE,
            words=("*payment*", "*settlement*", "*capture*", "*charge*"),
            kind=SettledKind.PAYMENT,
        ),
    ),
    sign=Sign.BY_KIND,
)

_XENDIT_TYPE = ("Transaction Type",)

_XENDIT = Layout(
    provider="xendit",
    # Transaction types changed from `EWALLET PAYMENT` and the like to `PAYMENT`: both are taken. A payout to a buyer is
    # how a refund goes that cannot go the way it came, so a disbursement is held against refunds.
    source="docs.xendit.co: balance report",
    references=(("Product ID",), ("Reference",), ("Transaction ID",), ("Channel Reference",), ("Invoice ID",)),
    amount=("Amount",),
    at_utc=("Created Date ISO",),
    at=("Created Date", "Payment Date"),
    forms=("%d %b %Y, %I:%M %p", "%d %b %Y %H:%M:%S", "%d/%m/%Y %H:%M:%S"),
    numbers=_POINT,
    zone_column=("Time Zone", "Timezone"),
    zone="Asia/Jakarta",
    kinds=(
        KindRule(column=("Line Type",), words=("fee*", "vat*"), kind=SettledKind.FEE),
        KindRule(column=_XENDIT_TYPE, words=("*fee*",), kind=SettledKind.FEE),
        KindRule(column=_XENDIT_TYPE, words=("*refund*",), kind=SettledKind.REFUND),
        KindRule(column=_XENDIT_TYPE, words=("*disbursement*", "*payout*"), kind=SettledKind.REFUND),
        KindRule(column=_XENDIT_TYPE, words=("*payment*",), kind=SettledKind.PAYMENT),
    ),
    sign=Sign.BY_SIDE,
    side=("Debit or Credit",),
)

_STRIPE_CATEGORY = ("reporting_category",)

_STRIPE = Layout(
    provider="stripe",
    # Amounts are major units there, minor ones in the API; with `decimal_separator` a report may be asked for with a
    # comma, which is refused row by row. `gross` is in the settlement currency: a converted payment is told as
    # wrong_currency.
    source="docs.stripe.com: balance report type, reporting categories (balance_change_from_activity.itemized.3)",
    references=(
        ("source_id",),
        ("refund_id",),
        ("charge_id",),
        ("payment_intent_id",),
        ("payment_metadata[order_id]",),
    ),
    amount=("gross",),
    at_utc=("created_utc",),
    numbers=_POINT,
    at=("created",),
    kinds=(
        KindRule(column=_STRIPE_CATEGORY, words=("refund", "refund_failure"), kind=SettledKind.REFUND),
        KindRule(
            column=_STRIPE_CATEGORY,
            words=("charge", "charge_failure", "partial_capture_reversal"),
            kind=SettledKind.PAYMENT,
        ),
        KindRule(column=_STRIPE_CATEGORY, words=("*fee*", "tax"), kind=SettledKind.FEE),
    ),
    must_have=(_STRIPE_CATEGORY,),
)

_DANA = Layout(
    provider="dana",
    # Rupiah in cents. A refund that DANA cannot make is a credit under ACQUIRING_ORDER whose PAY_METHOD is ADJUSTMENT:
    # it takes the refund back, and names the payment alone. The rules of signs were not found, so kinds decide.
    source="dashboard.dana.id: payment services settlement file, version 1.2.0",
    references=(("TXN_ID",), ("ACQUIREMENT_ID",), ("MERCHANT_TRANS_ID", "PARTNER_REFERENCE_NO")),
    amount=("TXN_AMOUNT",),
    currency=("TXN_CURRENCY",),
    currency_unless_told="IDR",
    at=("SETTLE_DATE",),
    zone="Asia/Jakarta",
    kinds=(
        KindRule(column=("PAY_METHOD",), words=("adjustment",), kind=SettledKind.REFUND, takes_back=True),
        KindRule(column=("TXN_TYPE",), words=("refund", "cancel"), kind=SettledKind.REFUND),
        KindRule(column=("TXN_TYPE",), words=("acquiring_order", "capture"), kind=SettledKind.PAYMENT),
    ),
    unit=Unit.HUNDREDTHS,
    sign=Sign.BY_KIND,
    separators=(";", ","),
    numbers=_DIGITS,
    must_have=(("TXN_TYPE",),),
)

_DANA_DISBURSEMENTS = Layout(
    provider="dana",
    # Money sent to people: for us, refunds that went as a payout. What came back is below zero. That its amounts are in
    # cents too is said of the other file alone.
    source="dashboard.dana.id: disbursement settlement file",
    references=(("REQUEST_ID",),),
    amount=("FUND_AMOUNT",),
    currency=("FUND_AMOUNT_CURRENCY",),
    currency_unless_told="IDR",
    at=("TRANSACTION_DATE", "REPORT_DATE"),
    forms=("%Y%m%d %H:%M:%S", "%Y%m%d"),
    zone="Asia/Jakarta",
    kind_unless_told=SettledKind.REFUND,
    unit=Unit.HUNDREDTHS,
    sign=Sign.PAID_OUT,
    separators=(",", ";"),
    numbers=_DIGITS,
)

_OMS = Layout(
    provider="oms",
    source="Batal's own: docs/reconciliation.md says what the marketplace's payment system exports",
    references=(("payment_reference", "reference"), ("payment_id", "id"), ("order_id", "order")),
    numbers=_POINT,
    amount=("amount",),
    at=("collected_at", "at", "paid_at"),
    zone="Asia/Jakarta",
    kinds=(
        KindRule(column=("type", "kind"), words=("*refund*",), kind=SettledKind.REFUND),
        KindRule(column=("type", "kind"), words=("*fee*",), kind=SettledKind.FEE),
        KindRule(column=("type", "kind"), words=("*payment*", "*collect*"), kind=SettledKind.PAYMENT),
        KindRule(column=("type", "kind"), words=("?*",), kind=SettledKind.OTHER),
    ),
    kind_unless_told=SettledKind.PAYMENT,
    sign=Sign.BY_KIND,
    any_provider=True,
)

LAYOUTS: Mapping[str, tuple[Layout, ...]] = {
    "midtrans": (_MIDTRANS,),
    "xendit": (_XENDIT,),
    "stripe": (_STRIPE,),
    "dana": (_DANA, _DANA_DISBURSEMENTS),
    "oms": (_OMS,),
}
