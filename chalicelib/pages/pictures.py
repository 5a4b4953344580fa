"""Pictures of goods: shown only from hosts that the deployment names, which the pages' policy lets in as well."""

from urllib.parse import urlsplit

from chalicelib import wiring
from chalicelib.settings import named


def picture(url: str | None) -> str | None:
    """The address of a picture that may be shown: by https, from a host that is named; None for any other."""
    hosts = named(wiring.settings().image_hosts)
    if not url or not hosts:
        return None
    try:
        parts = urlsplit(url)
        netloc = parts.netloc.lower()
    except ValueError:
        return None
    return url if parts.scheme == "https" and netloc in hosts else None


def sources() -> str:
    """Where pages may show pictures from, as their policy (CSP) says it."""
    return " ".join(("'self'", *(f"https://{host}" for host in named(wiring.settings().image_hosts))))
