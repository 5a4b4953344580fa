"""The rules of cancelling, in plain Python: no AWS, no clock, no input or output.

Read in this order: order, policy, case, transitions (the one table), steps (what each row of the
table does), eligibility and quote (what a buyer is told before asking), outbox (what a row has promised).
"""
