"""The conformance kit: plays the ways a cancellation ends, with mischief, over HTTP alone, and compares all books.

`python -m infra.conformance URL` (`make conformance URL=...`). Read it in this order:

    steps.py      what somebody does within an ending
    endings.py    the endings, as data: steps, and what has to come of them
    policy.py     the policy they are played under; its times are as long as the run can wait
    calling.py    how Batal is called, for whom, and what may go wrong with a call on purpose
    clocks.py     waiting: by the sandbox's clock, or really
    mischief.py   events that come twice, late and in any order
    receivers.py  the integrator's own receiver and books, at addresses of theirs
    books.py      the kit's books, filled by events alone
    player.py     plays one ending
    judging.py    holds the log, Batal's answers and all books to what has to come of it
    report.py     says in plain words where they differ
"""
