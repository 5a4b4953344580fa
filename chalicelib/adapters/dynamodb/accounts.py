"""Accounts that money is paid out to: sealed, each beside its case; and rows that lead from an account's fingerprint to
the cases for which it was named."""

from collections.abc import Sequence
from datetime import UTC, datetime

from chalicelib.adapters.dynamodb.listing import ListTables
from chalicelib.adapters.dynamodb.settings import get, translated
from chalicelib.adapters.dynamodb.tables import account_key, fingerprint_key
from chalicelib.domain.money.payout import AccountSealed

_MOST_SHOWN = 20


class AccountTable(ListTables):
    """The part of the store that keeps them."""

    def put_account(self, account: AccountSealed) -> None:
        """Keep it beside its case, and by its fingerprint."""
        row, expires = self.tables.account, int(account.kept_until.timestamp())
        with translated():
            row(fingerprint_key(account.fingerprint), account.case_id, expires=expires).save()
            row(
                account.case_id,
                account_key(account.account_id),
                expires=expires,
                sealed=account.sealed,
                fingerprint=account.fingerprint,
            ).save()

    def account(self, case_id: str, account_id: str) -> AccountSealed | None:
        """A sealed account, or None."""
        row = get(self.tables.account, case_id, account_key(account_id))
        if row is None or row.sealed is None:
            return None
        return AccountSealed(
            case_id=case_id,
            account_id=account_id,
            fingerprint=row.fingerprint or "",
            sealed=bytes(row.sealed),
            kept_until=datetime.fromtimestamp(int(row.expires), UTC),
        )

    def forget_accounts(self, case_id: str) -> int:
        """Let those of a case be gone, what leads from their fingerprints to it first; how many they were."""
        row = self.tables.account
        with translated():
            found = list(row.query(case_id, row.sk.startswith(account_key("")), consistent_read=True))
            for each in found:
                if each.fingerprint:
                    row(fingerprint_key(each.fingerprint), case_id).delete()
                each.delete()
        return len(found)

    def cases_with_account(self, fingerprint: str) -> Sequence[str]:
        """The ids of cases for which it was named."""
        with translated():
            found = self.tables.account.query(fingerprint_key(fingerprint), limit=_MOST_SHOWN)
            return [str(row.sk) for row in found]
