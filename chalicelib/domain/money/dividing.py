"""How an amount is divided, in whole minor units: plain integers alone.

`apportion` divides once, by largest remainder: a discount over lines, a fee over tenders. `grow` divides what grows:
the cost of gone pieces over tenders. Largest remainders may shrink when the amount grows (1 : 3 : 3 goes from 1 1 1 to
0 2 2), and somebody would owe -1; `grow` never takes back what it gave.
"""

from collections.abc import Sequence


def apportion(amount: int, weights: Sequence[int]) -> list[int]:
    """`amount` in proportion to the weights by largest remainder, the first of equals first; nothing over no weights.

    No share exceeds its weight while the amount is within their sum.
    """
    whole = sum(weights)
    if not whole:
        return [0] * len(weights)
    shares = [amount * weight // whole for weight in weights]
    ranked = sorted(range(len(weights)), key=lambda i: (-(amount * weights[i] % whole), i))
    for i in ranked[: amount - sum(shares)]:
        shares[i] += 1
    return shares


def grow(amount: int, weights: Sequence[int]) -> list[int]:
    """`amount` in proportion to the weights, so that no share ever falls when the amount grows (Webster's method).

    Units are dealt one by one, each to whoever is furthest behind. All but the last few are dealt at once: no share
    ends as much as one unit per weight below its exact value. No share exceeds its weight while the amount is within
    their sum.
    """
    whole = sum(weights)
    if not whole:
        return [0] * len(weights)
    shares = [max(0, amount * weight // whole - len(weights)) for weight in weights]
    for _ in range(amount - sum(shares)):
        best = 0
        for i in range(1, len(weights)):
            if weights[i] * (2 * shares[best] + 1) > weights[best] * (2 * shares[i] + 1):
                best = i
        shares[best] += 1
    return shares


def fill(amount: int, most: Sequence[int]) -> list[int]:
    """`amount` put into each in turn, up to what it holds."""
    shares = []
    for room in most:
        shares.append(min(amount, room))
        amount -= shares[-1]
    return shares


def so_far(amount: int, pieces: int, quantity: int) -> int:
    """What of an amount falls on so many pieces out of `quantity`: a floor that grows with the pieces, up to all."""
    return amount * pieces // quantity
