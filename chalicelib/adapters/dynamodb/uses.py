"""How often callers did something, in the table of keys: a counter for each caller and hour, gone soon after it."""

from datetime import timedelta

from pynamodb.exceptions import UpdateError
from pynamodb.expressions.update import Action

from chalicelib.adapters.dynamodb.settings import SettingsTable, translated
from chalicelib.domain.people.uses import Use

# DynamoDB looks for what is over by its own clock, which a sandbox's need not be.
_KEPT_AFTER = timedelta(hours=1)


class UseTable(SettingsTable):
    """The part of the store that counts callers."""

    def take(self, use: Use) -> bool:
        """Take one use, where one is left: the condition lets no more through than there are, whoever comes at once. An
        answer that was lost is asked for again, and counts twice. Raises Unavailable."""
        row = self.tables.use
        gone = int((use.again_at + _KEPT_AFTER).timestamp())
        actions: list[Action] = [row.used.add(1), row.expires.set(gone)]
        left = row.used.does_not_exist() | (row.used < use.most)
        with translated():
            try:
                row(use.key).update(actions=actions, condition=left)
            except UpdateError as error:
                if error.cause_response_code != "ConditionalCheckFailedException":
                    raise
                return False
        return True
