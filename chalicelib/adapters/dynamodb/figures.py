"""Figures, in the settings' table, and what each case has added to them, beside the case."""

from collections.abc import Collection, Mapping
from datetime import date

from pynamodb.exceptions import PynamoDBException, TransactWriteError
from pynamodb.transactions import TransactWrite

from chalicelib.adapters.dynamodb.codec import dumped, loaded
from chalicelib.adapters.dynamodb.packing import CASES, packed, unpacked
from chalicelib.adapters.dynamodb.settings import SettingsTable, get, translated
from chalicelib.adapters.dynamodb.tables import ALL_DAYS, COUNTED, figures_key
from chalicelib.domain.errors import Unavailable
from chalicelib.domain.figures.counting import Counters, Counting, Place, Share, Subject
from chalicelib.domain.ids import joined
from chalicelib.domain.orders.statuses import OrderStatus
from chalicelib.domain.policies.learned import Cells, Situation
from chalicelib.domain.policies.reasons import Kind

# That one of the rows was written since it was read, or is written this very moment.
_SOMEBODY_WROTE = frozenset({"ConditionalCheckFailed", "TransactionConflict"})
# Behind which what odds are learned from lies.
_ODDS = "odds1"


class FiguresTable(SettingsTable):
    """The part of the store that keeps them."""

    def shares(self, case_ids: Collection[str]) -> Mapping[str, Share]:
        """What these cases have added, as far as they were counted."""
        row = self.tables.counted
        with translated():
            found = list(row.batch_get([(each, COUNTED) for each in case_ids], consistent_read=True))
        return {each.case_id: loaded(unpacked(each.z), Share) for each in found}

    def counters(self, places: Collection[Place]) -> Mapping[Place, Counters]:
        """What lies at these places, as far as anything was counted there."""
        keys = {key_of_place(place): place for place in places}
        with translated():
            found = list(self.tables.figures.batch_get(list(keys), consistent_read=True))
        return {keys[each.name, each.sk]: loaded(unpacked(each.z), Counters) for each in found}

    def days_counted(self, subject: Subject, first: date, last: date) -> Mapping[date, Counters]:
        """What lies at the days (UTC) from the first to the last, as far as anything was counted on them."""
        row = self.tables.figures
        with translated():
            found = list(row.query(figures_key(subject), row.sk.between(first.isoformat(), last.isoformat())))
        return {date.fromisoformat(each.sk): loaded(unpacked(each.z), Counters) for each in found}

    def learned(self, place: Place) -> Cells:
        """What lies at the place of a situation, perhaps without what was counted this very moment."""
        row = get(self.tables.figures, *key_of_place(place))
        return loaded(unpacked(row.z), Counters).learned if row else {}

    def lessons(self, subject: Subject) -> Mapping[Situation, Cells]:
        """The same of all situations in which anything was learned of a subject."""
        row = self.tables.figures
        with translated():
            found = list(row.query(figures_key(subject), row.sk.startswith(_ODDS)))
        return {_SITUATIONS[each.sk]: loaded(unpacked(each.z), Counters).learned for each in found}

    def count(self, counting: Counting) -> bool:
        """Write all of it where nothing of it was written since it was read; False where something was, and nothing is
        written."""
        row, counted = self.tables.figures, self.tables.counted
        try:
            with TransactWrite(connection=self.tables.connection) as transaction:
                for case_id, share in counting.shares.items():
                    before = counting.before.get(case_id)
                    transaction.save(
                        counted(case_id, COUNTED, z=packed(dumped(share), CASES), rev=share.rev),
                        condition=counted.rev == before.rev if before else counted.rev.does_not_exist(),
                    )
                for place, each in counting.counters.items():
                    transaction.save(
                        row(*key_of_place(place), z=packed(dumped(each), CASES), rev=each.rev),
                        condition=row.rev == each.rev - 1 if each.rev > 1 else row.rev.does_not_exist(),
                    )
        except TransactWriteError as error:
            if {reason.code for reason in error.cancellation_reasons if reason} & _SOMEBODY_WROTE:
                return False
            raise Unavailable("dynamodb") from error
        except PynamoDBException as error:
            raise Unavailable("dynamodb") from error
        return True


def key_of_place(place: Place) -> tuple[str, str]:
    if place.situation:
        return figures_key(place.subject), _key_of(place.situation)
    return figures_key(place.subject), place.day.isoformat() if place.day else ALL_DAYS


def _key_of(situation: Situation) -> str:
    return joined(_ODDS, situation.kind, situation.status)


_SITUATIONS = {
    _key_of(each): each for each in (Situation(kind=kind, status=status) for kind in Kind for status in OrderStatus)
}
