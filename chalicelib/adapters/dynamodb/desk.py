"""A seller's desk: their cases as cards, from the index that carries them (0055).

Rows of versions before 0.7.0 have no card, and none knows the index before CloudFormation has built it: then the rows
are read themselves, and their orders for the words.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice

from pynamodb.exceptions import PynamoDBException, UpdateError

from chalicelib.adapters.aws import unavailable
from chalicelib.adapters.dynamodb import order_rows
from chalicelib.adapters.dynamodb.cards import card_in, card_text
from chalicelib.adapters.dynamodb.listing import ListTables
from chalicelib.adapters.dynamodb.lists import Key
from chalicelib.adapters.dynamodb.tables import ROW
from chalicelib.domain.cases.card import Card, card_of, words_of
from chalicelib.domain.cases.case import Case
from chalicelib.domain.errors import Unavailable
from chalicelib.domain.ports import MOST_CARDS, Cards

# The setting that says that the index is there; until then the one of the last release is read.
DESK = "desk"
# How many rows without a card are read at once.
_AT_ONCE = 100


class DeskTable(ListTables):
    """The part of the store that lists a seller's cases as cards."""

    _reads_desk = False

    def cards(self, seller_id: str) -> Cards:
        """A seller's cases as cards, the open ones by deadline, then the closed ones; of many the first."""
        index = self._index("cases", DESK if self.reads_desk() else "inbox", "seller_id", "inbox")
        with unavailable("dynamodb"):
            keys = list(islice(index.keys(seller_id, page=MOST_CARDS + 1), MOST_CARDS + 1))
        shown = keys[:MOST_CARDS]
        read = iter(self._read([key for key in shown if "card" not in key]))
        cards = [card_in(key["case_id"], key["card"]) if "card" in key else next(read) for key in shown]
        return Cards(items=[card for card in cards if card], more=len(keys) > MOST_CARDS)

    def put_card(self, case: Case) -> bool:
        """Write the words of its card where the row is still at its `rev`; False where it has moved on."""
        row, text = self.tables.case, card_text(case)
        try:
            row(case.case_id, ROW).update(
                actions=[row.card.set(text) if text else row.card.remove()], condition=row.rev == case.rev
            )
        except UpdateError as error:
            if error.cause_response_code == "ConditionalCheckFailedException":
                return False
            raise Unavailable("dynamodb") from error
        except PynamoDBException as error:
            raise Unavailable("dynamodb") from error
        return True

    def reads_desk(self) -> bool:
        """Whether the index is there: an operator's command says so, and it stays so. Read anew until then."""
        if not self._reads_desk:
            self._reads_desk = self.setting(DESK) is not None
        return self._reads_desk

    def read_desk(self) -> None:
        """From now on the desk is read from its index."""
        self.put_setting(DESK, {"index": DESK})
        self._reads_desk = True

    def _read(self, keys: Sequence[Key]) -> Iterator[Card | None]:
        """The cards of rows that have none, in the order of the keys."""
        for begin in range(0, len(keys), _AT_ONCE):
            cases = self._cases(keys[begin : begin + _AT_ONCE])
            wordless = list(dict.fromkeys(case.order_id for case in cases if case and case.words is None))
            orders = order_rows.orders(self.tables, wordless)
            bodies = {order.order_id: order.body for order in orders if order}
            for case in cases:
                body = bodies.get(case.order_id) if case and case.words is None else None
                known = replace(case, words=words_of(body, case.lines)) if case and body else case
                yield card_of(known) if known else None
