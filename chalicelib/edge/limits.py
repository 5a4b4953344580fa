"""How much a request may carry. Lengths in characters, sizes in bytes; pages of lists are bounded by the ports."""

from chalicelib.domain import ids

MOST_BYTES = 256 * 1024  # of a body
MOST_BATCH_BYTES = 4 * 1024 * 1024  # of a batch of orders
MOST_FIELDS = 600  # of a form, which may name each line of an order
OWN_ID = r"[A-Za-z0-9._-]{1,64}"
LONGEST_OWN_ID = 64
LONGEST_ID = ids.LONGEST
# As it may be typed: what becomes one sign when it is composed (NFC) may have been four.
LONGEST_TYPED_ID = 4 * LONGEST_ID
LONGEST_CURSOR = 4_000  # with two long ids in it
LONGEST_KEY = 255  # of an Idempotency-Key
LONGEST_LINE = 200
LONGEST_NAME = 1_000  # of a person, a shop, an article
LONGEST_ADDRESS = 500
LONGEST_WORDS = 2_000
LONGEST_MESSAGE = 4_000
LONGEST_SOURCE = 100_000  # of a policy, typed as JSON
MOST_LINES = 500  # of an order
MOST_ROWS = 500  # of a batch of orders
MOST_INLINE = 500  # rows of an import that come with its request
MOST_TENDERS = 20
MOST_REFERENCES = 8  # of a tender
MOST_CHARGES = 100
MOST_PACKAGES = 200
MOST_REFUNDS = 200
LONGEST_LINK = 2_000
MOST_ITEMS = 100  # of what an operator keeps, or names at once
MOST_PIECES = 100_000  # of a line
MOST_AT_ONCE = 100  # decisions in one call
LAST_VERSION = 9_999_999  # of a policy
