"""CORS for browsers: any origin, since a bearer token, not a cookie, says who calls the API."""

from chalice.app import CORSConfig

CORS = CORSConfig(
    allow_origin="*",
    allow_headers=["Accept-Language", "Authorization", "Content-Type", "Idempotency-Key", "X-Request-Id"],
    expose_headers=["Idempotent-Replayed", "Location", "Retry-After", "X-Request-Id"],
    max_age=600,
)
READ = ["GET", "HEAD"]
