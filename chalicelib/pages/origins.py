"""Where a form that signs somebody in came from: a stranger's page could sign people in as itself, and read what they
do from then on (login CSRF)."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from chalicelib.settings import Settings


def may_sign_in(headers: Mapping[str, str], settings: Settings) -> bool:
    """Whether the form is of a page of ours or of SIGN_IN_URL's site. Browsers say so, and no page can make
    them lie; who says nothing is no browser, and signs in nobody but itself."""
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site in ("same-origin", "none"):
        return True
    if origin in {_origin(settings.public_url), _origin(settings.sign_in_url)} - {None}:
        return True
    return site is None and origin is None


def comes_from_us(headers: Mapping[str, str], settings: Settings) -> bool:
    """Whether a link was followed on a page of ours or of SIGN_IN_URL's site. A page may keep silent about itself, and
    cannot name another; an app says it in its web view (Referer)."""
    if headers.get("sec-fetch-site") == "same-origin":
        return True
    return _origin(headers.get("referer", "")) in {_origin(settings.public_url), _origin(settings.sign_in_url)} - {None}


def _origin(address: str) -> str | None:
    """Scheme, host and port as browsers write them; None for no address."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}".lower() if parts.netloc else None
