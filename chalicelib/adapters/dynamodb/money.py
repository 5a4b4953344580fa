"""The table `money`: wallets, each with its balance, credits and debits, and the ledger's entries by day and shard."""

import heapq
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice

from pynamodb.exceptions import TransactWriteError
from pynamodb.transactions import TransactWrite

from chalicelib.adapters.dynamodb.codec import SHARDS, dumped, loaded, moment, shard, stamp
from chalicelib.adapters.dynamodb.lists import cursor_of, cut, key_of
from chalicelib.adapters.dynamodb.packing import CASES, packed, unpacked
from chalicelib.adapters.dynamodb.settings import SettingsTable, get, translated
from chalicelib.adapters.dynamodb.tables import (
    BALANCE,
    LedgerRow,
    MoneyRow,
    Tables,
    credit_key,
    debit_key,
    ledger_key,
    wallet_key,
)
from chalicelib.domain.cases.change import Change
from chalicelib.domain.errors import Invalid
from chalicelib.domain.money.ledger import LedgerEntry, entry_of_opening
from chalicelib.domain.money.wallet import Credit, Debit, Wallet
from chalicelib.domain.ports import DAYS_OF_LEDGER, PAGE, Page


def put_money(tables: Tables, transaction: TransactWrite, change: Change) -> None:
    """What a change does to wallets, and what the ledger says of it: each put only once; a balance by ADD, one per
    wallet, since an item may stand in a transaction once."""
    row, booked = tables.money, change.ledger.entry_id if change.ledger else None
    new = row.wallet.does_not_exist()
    sums: dict[str, int] = {}
    for credit in change.credits:
        wallet = wallet_key(credit.buyer_id, credit.currency)
        sums[wallet] = sums.get(wallet, 0) + credit.amount
        sk = credit_key(credit.refund_id, credit.part)
        transaction.save(row(wallet, sk, body=dumped(credit), booked=booked), condition=new)
    for wallet, amount in sums.items():
        transaction.update(row(wallet, BALANCE), actions=[row.balance.add(amount)])
    if debit := change.debit:
        wallet = wallet_key(debit.buyer_id, debit.currency)
        body = dumped(debit)
        transaction.save(row(wallet, debit_key(debit.event_id), body=body, booked=booked), condition=new)
        # Never below zero, whoever else takes out of it in this moment.
        enough = row.balance >= debit.amount
        transaction.update(row(wallet, BALANCE), actions=[row.balance.add(-debit.amount)], condition=enough)
    if change.ledger:
        transaction.save(_row_of(tables, change.ledger), condition=tables.ledger.wallet.does_not_exist())


def debit_of(tables: Tables, debit: Debit) -> Debit | None:
    """What is kept under the event of this debit, or None."""
    row = get(tables.money, wallet_key(debit.buyer_id, debit.currency), debit_key(debit.event_id))
    return loaded(row.body or "", Debit) if row else None


def wallet_entry_of(row: MoneyRow) -> Credit | Debit:
    """The entry of a wallet that a row holds, if it is not its balance."""
    text = row.body or ""
    return loaded(text, Debit) if row.sk.startswith("D#") else loaded(text, Credit)


def ledger_entry_of(row: LedgerRow) -> LedgerEntry:
    """The ledger's entry that a row holds."""
    return loaded(unpacked(row.z), LedgerEntry)


class MoneyTable(SettingsTable):
    """The part of the store that lies in the table of money."""

    def wallet(self, buyer_id: str, currency: str, *, limit: int | None = None, cursor: str | None = None) -> Wallet:
        """The wallet. Its entries are few and lie by refund, so all are read, and a page cut from them by time."""
        row, key = self.tables.money, wallet_key(buyer_id, currency)
        total, entries = 0, []
        with translated():
            for each in row.query(key, consistent_read=True):
                if each.sk == BALANCE:
                    total = int(each.balance or 0)
                else:
                    entries.append(wallet_entry_of(each))
        page = cut(entries, _place, key, limit, cursor)
        return Wallet(
            buyer_id=buyer_id, currency=currency, balance=total, entries=page.items, next_cursor=page.next_cursor
        )

    def debit(self, buyer_id: str, currency: str, event_id: str) -> Debit | None:
        """What the marketplace took out of this wallet by this event, or None."""
        row = get(self.tables.money, wallet_key(buyer_id, currency), debit_key(event_id))
        return loaded(row.body or "", Debit) if row else None

    def ledger(
        self, currency: str, since: datetime, until: datetime, *, limit: int = PAGE, cursor: str | None = None
    ) -> Page[LedgerEntry]:
        """The ledger's entries in a currency from `since` on and before `until`, oldest first."""
        start = key_of(cursor, ("of", "place"), currency)
        place = start["place"] if start else stamp(since)
        begin = _moment_of(place)
        if begin >= until:
            return Page(items=[])
        look_until = min(until, begin + timedelta(days=DAYS_OF_LEDGER))
        day, end, found = begin.date(), stamp(look_until), list[LedgerRow]()
        while stamp(_midnight(day)) < end and len(found) <= limit:
            with translated():
                found += self._rows_of_ledger(currency, day, place, end, limit + 1 - len(found))
            day += timedelta(days=1)
        more = len(found) > limit or look_until < until
        place = found[limit - 1].sk if len(found) > limit else end
        items = [ledger_entry_of(row) for row in found[:limit]]
        return Page(items=items, next_cursor=cursor_of({"of": currency, "place": place}) if more else None)

    def _rows_of_ledger(self, currency: str, day: date, after: str, until: str, most: int) -> Iterator[LedgerRow]:
        """The first rows of one day between two places; `after` itself was shown already, if it is one."""
        row = self.tables.ledger
        between = row.sk.between(after, until)
        shards = [
            row.query(ledger_key(currency, day, number), between, consistent_read=True, limit=most + 1)
            for number in range(SHARDS)
        ]
        return islice((each for each in heapq.merge(*shards, key=lambda each: each.sk) if each.sk > after), most)

    def open_ledger(self) -> int:
        """Book what came into wallets before there was a ledger, each credit in a transaction of its own, once."""
        row, opened = self.tables.money, 0
        with translated():
            for each in row.scan(row.sk.startswith("E#") & row.booked.does_not_exist()):
                entry = entry_of_opening(loaded(each.body or "", Credit))
                try:
                    with TransactWrite(connection=self.tables.connection) as transaction:
                        transaction.update(
                            row(each.wallet, each.sk),
                            actions=[row.booked.set(entry.entry_id)],
                            condition=row.booked.does_not_exist() & row.body.exists(),
                        )
                        transaction.save(_row_of(self.tables, entry))
                except TransactWriteError as error:
                    if any(reason and reason.code == "ConditionalCheckFailed" for reason in error.cancellation_reasons):
                        continue  # somebody else runs this as well
                    raise
                opened += 1
        return opened


def _place(entry: Credit | Debit) -> str:
    which = f"{entry.refund_id}#{entry.part}" if isinstance(entry, Credit) else entry.event_id
    return f"{stamp(entry.at)}#{which}"


def _row_of(tables: Tables, entry: LedgerEntry) -> LedgerRow:
    key = ledger_key(entry.currency, entry.at.astimezone(UTC).date(), shard(entry.entry_id))
    return tables.ledger(key, f"{stamp(entry.at)}#{entry.entry_id}", z=packed(dumped(entry), CASES))


def _moment_of(place: str) -> datetime:
    """The moment of a place in the ledger, which a cursor of ours holds. Raises Invalid `bad_cursor`."""
    try:
        return moment(place.partition("#")[0]).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Invalid("bad_cursor") from error


def _midnight(day: date) -> datetime:
    return datetime.combine(day, datetime.min.time(), UTC)
