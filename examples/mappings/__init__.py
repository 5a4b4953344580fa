"""From the JSON of platforms to what Batal's API takes: one module for each, to be copied; the standard library alone.

`order(payload, ...)` gives the body of `PUT /v1/orders/{id}`, `status(payload)` that of `POST /v1/orders/{id}/status`,
`refunds(payload)` what the push's `refunds` hold, `cancellation(payload)` what the platform says of one, `STATUSES`
is the table of statuses. What a payload does not hold is handed in by the name that the field has in the push. What
cannot be told truthfully raises `reading.MappingError`. docs/platforms.md says what differs from platform to platform.
"""
