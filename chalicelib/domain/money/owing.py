"""What is owed by one tender, from facts alone: plain integers in minor units, no dates, no orders.

    due        what the pieces that still stand cost by this tender
    cost       what the gone pieces cost by it
    owed       what was collected beyond what is due and what went back elsewhere, but never more than the gone pieces
               cost, less what was promised back or kept before

Whatever happens (a cancellation, money that comes late, an order told anew) is one act: something changed, so what is
owed is asked again.
"""


def entitled(collected: int, given: int, due: int, cost: int) -> int:
    """What goes back in all for gone pieces, whoever asks when: the same before and after."""
    return max(0, min(collected - given - due, cost))


def owed(*, collected: int, given: int, due: int, cost: int, taken: int, kept: int) -> int:
    """What must go back now. Never negative; with what was taken and given, never above what was collected."""
    return max(0, min(entitled(collected, given, due, cost) - taken - kept, collected - given - taken - kept))


def unexplained(*, collected: int, given: int, due: int, taken: int, kept: int, owed: int) -> int:
    """What was collected for nothing that stands and for nothing that went: a person looks, nothing moves by itself."""
    return max(0, collected - given - due - taken - kept - owed)


def fee(*, flat: int, points: int, at_most: int | None, charged: int, money: int) -> int:
    """What an act keeps of the money that it sends back.

    points    basis points times minor units of money sent back for goods, of all acts of the order so far, this one
              included: rounded only here, so that splitting a request changes nothing
    charged   what earlier acts were charged already; a waived fee counts, so that it is not charged again
    at_most   per order; None: no bound
    """
    wished = flat + points // 10_000
    if at_most is not None:
        wished = min(wished, at_most)
    return max(0, min(wished - charged, money))
