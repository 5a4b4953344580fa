"""E-mail addresses as people, mail programs and bounces write them, and which of them are one mailbox."""

import re

# An address between angle brackets, whatever name stands before it; or an address and nothing else (RFC 5322).
_ADDRESS = re.compile(r"[^\s<>()\[\],;:\\\"@]+@[^\s<>()\[\],;:\\\"@]+")
_QUOTED_NAME = re.compile(r"\"(?:[^\"\\]|\\.)*\"")
_COMMENT = re.compile(r"\((?:[^()\\]|\\.)*\)")
# Providers for which a dot in the name means nothing.
_DOTLESS = ("gmail.com", "googlemail.com")


def bare(written: str) -> str | None:
    """The one address that `written` names: `a@b`, `<a@b>`, `"Budi" <a@b>`, `a@b (Budi)`; None where it is none,
    or more than one.

    What stands in quotes or comments is a name and never counts, nor does what stands before angle brackets: of
    `toko@example.com <evil@example.net>` the address is evil@example.net.
    """
    rest = _QUOTED_NAME.sub(" ", written)
    while (shorter := _COMMENT.sub(" ", rest)) != rest:
        rest = shorter
    before, opened, within = rest.rpartition("<")
    if opened:
        address, closed, after = within.partition(">")
        if not closed or after.strip() or "<" in before:
            return None
    else:
        address = rest
    found = address.strip()
    return found if _ADDRESS.fullmatch(found) else None


def plain(address: str) -> str:
    """The address as it is compared: small letters, the domain in ASCII (IDNA)."""
    return for_servers(address).lower()


def for_servers(address: str) -> str:
    """The address as mail servers take it: the domain in ASCII, the name before it untouched."""
    local, at, domain = address.strip().rpartition("@")
    return f"{local}{at}{ascii_domain(domain) or domain}"


def ascii_domain(domain: str) -> str | None:
    """The domain as mail servers know it, `xn--...` for what is beyond ASCII; None where there can be none."""
    if domain.isascii():
        return domain
    try:
        return domain.encode("idna").decode("ascii")
    except UnicodeError:
        return None


def same_mailbox(one: str, other: str) -> bool:
    """Whether mail to both lands in one mailbox: `toko+x@example.com` is toko@example.com by another tag."""
    return _mailbox(one) == _mailbox(other)


def _mailbox(address: str) -> str:
    local, at, domain = plain(address).rpartition("@")
    untagged = local.partition("+")[0] or local
    if domain in _DOTLESS:
        untagged, domain = untagged.replace(".", ""), _DOTLESS[0]
    return f"{untagged}{at}{domain}"
