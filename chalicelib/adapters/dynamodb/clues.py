"""What callers may say, by fingerprint (0060): rows that lead from each to the cases that are found by it, and beside
each case which those are."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from chalicelib.adapters.dynamodb.codec import dumped, loaded, stamp
from chalicelib.adapters.dynamodb.listing import ListTables
from chalicelib.adapters.dynamodb.settings import get, translated
from chalicelib.adapters.dynamodb.tables import CLUES, ClueRow, clue_key
from chalicelib.domain.cases.case import Case
from chalicelib.domain.people.clues import NOTHING_NOTED, Noted
from chalicelib.domain.ports import CasesFound

# Of a word of a name that many have, so many of the newest cases are looked through.
_MOST_READ = 500


class ClueTable(ListTables):
    """The part of the store that keeps them."""

    def noted(self, case_id: str) -> Noted:
        """By which fingerprints of clues the case is found."""
        row = get(self.tables.noted, case_id, CLUES)
        return loaded(row.body, Noted) if row else NOTHING_NOTED

    def note_clues(self, case: Case, noted: Noted, until: datetime) -> None:
        """Keep it, and then let the case be found by those that were begun: what leads to a case is always listed
        beside it."""
        expires, row = int(until.timestamp()), self.tables.clue
        with translated():
            self.tables.noted(case.case_id, CLUES, body=dumped(noted), expires=expires).save()
            with row.batch_write() as batch:
                for each in sorted(noted.begun):
                    batch.save(row(clue_key(each), _place(case), expires=expires))

    def cases_by_clues(self, fingerprints: Collection[str], now: datetime, most: int) -> CasesFound:
        """The cases that are found by all of these by now, the newest first."""
        alone = len(fingerprints) == 1
        with translated():
            lists = [self._places(each, now, most + 1 if alone else _MOST_READ) for each in fingerprints]
            if not lists:
                return CasesFound(cases=())
            shortest = min(lists, key=len)
            found = list(shortest)
            for each, places in zip(fingerprints, lists, strict=True):
                # Of a word that many have the list may end too early: then each is asked for.
                full = not alone and len(places) == _MOST_READ and places is not shortest
                known = self._among(each, found, now) if full else frozenset(places)
                found = [place for place in found if place in known]
        more = len(found) > most or (not alone and len(shortest) == _MOST_READ)
        keys = [{"case_id": _case_in(place)} for place in found[:most]]
        return CasesFound(cases=[case for case in self._cases(keys) if case], more=more)

    def forget_clues(self, case: Case, also: Collection[str] = ()) -> None:
        """Let it be found by none of them any more, nor by these."""
        row, noted = self.tables.clue, self.noted(case.case_id)
        with translated():
            with row.batch_write() as batch:
                for each in sorted({*noted.fingerprints, *also}):
                    batch.delete(row(clue_key(each), _place(case)))
            self.tables.noted(case.case_id, CLUES).delete()

    def _places(self, fingerprint: str, now: datetime, most: int) -> Sequence[str]:
        row = self.tables.clue
        found = row.query(
            clue_key(fingerprint),
            filter_condition=row.expires > int(now.timestamp()),
            limit=most,
            page_size=most,
            scan_index_forward=False,
        )
        return [each.sk for each in found]

    def _among(self, fingerprint: str, places: Iterable[str], now: datetime) -> frozenset[str]:
        keys: list[tuple[str, str]] = [(clue_key(fingerprint), place) for place in places]
        found: Iterable[ClueRow] = self.tables.clue.batch_get(keys)
        return frozenset(each.sk for each in found if int(each.expires) > now.timestamp())


def _place(case: Case) -> str:
    """Where a case lies under a clue: by when it began."""
    return f"{stamp(case.created_at)}#{case.case_id}"


def _case_in(place: str) -> str:
    return place.partition("#")[2]
