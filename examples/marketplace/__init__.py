"""A tiny marketplace that has connected Batal: an order service, a payment service, a receiver of events, and books.

`python -m examples.marketplace` plays it against a running sandbox (`make run`), by HTTP alone. Read it in this order:

    calling.py    how Batal is called: with a token, or signed; when to say a thing again
    orders.py     the order service: pushes orders, holds parcels back, lets them go
    payments.py   the payment service: pays back what it is asked for, once, and tells how that went
    receiver.py   where events are posted to: verify, keep, answer; work later
    in_order.py   events in the order in which they happened, and the gaps in them
    books.py      what the shop wrote down, and where it differs from what Batal knows
    shop.py       all of them together
    story.py      what is played: a yes, a no, and an event that is lost

What stands in memory here stands in your database. It is made to be copied, and nothing of it is deployed.
"""
