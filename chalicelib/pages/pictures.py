"""Pictures of goods: shown only from hosts that the deployment names, which the pages' policy lets in as well."""

from chalicelib import wiring
from chalicelib.settings import named


def picture(url: str | None) -> str | None:
    """The address of a picture that may be shown; None for any other."""
    return wiring.links().picture(url)


def sources() -> str:
    """Where pages may show pictures from, as their policy (CSP) says it."""
    return " ".join(("'self'", *(f"https://{host}" for host in named(wiring.settings().image_hosts))))
