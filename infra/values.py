"""What is wrong with parameters' values, found before anything is deployed: a stack takes nearly everything, and then
verifies no token, or sends mails whose links lead nowhere."""

import json
import re
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import boto3

from chalicelib.adapters.calendar import COUNTRIES
from chalicelib.domain.amounts import is_currency
from chalicelib.domain.errors import Invalid
from chalicelib.domain.people.retention import LAW
from chalicelib.domain.people.uses import Counted
from chalicelib.domain.switches import Switch
from chalicelib.domain.zones import Zone
from chalicelib.edge.auth import ALGORITHMS
from chalicelib.settings import PROVIDERS, misshapen, retention_in
from infra.parameters import known

# Bytes of a Lambda's environment, all of them and those that parameters may fill; the rest is names and what the stack
# adds.
LAMBDA_BYTES, MOST_BYTES = 4_096, 3_000
_LEAST_RSA_BITS = 2048
_PRIVATE = ("d", "p", "q", "dp", "dq", "qi", "oth", "k")
# How the names of algorithms begin that a key of that curve, or of that type where it has no curve, verifies.
_FITTING: Mapping[str, tuple[str, ...]] = {
    "RSA": ("RS", "PS"),
    "P-256": ("ES256",),
    "P-384": ("ES384",),
    "P-521": ("ES512",),
    "Ed25519": ("Ed",),
    "Ed448": ("EdDSA",),
    "X25519": (),
    "X448": (),
}

_NO_KEYS = '{"keys": []}'
_LABEL = r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)"
_DOMAIN = re.compile(rf"(?=.{{1,253}}$){_LABEL}(\.{_LABEL})*\.(?!-)(?=[^.]*[A-Za-z])[A-Za-z0-9-]{{2,63}}(?<!-)")
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_MAILBOX = re.compile(rf"(?=.{{1,64}}$){_ATOM}(\.{_ATOM})*")


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that cannot stay so, and the parameters that it is about. `stops`: not even where a stack runs so
    already, since with this version it would run no more."""

    names: tuple[str, ...]
    why: str
    stops: bool = False

    def __str__(self) -> str:
        return f"{' and '.join(self.names)}: {self.why}"


def faults(values: Mapping[str, str], *, emulated: bool = False) -> list[Fault]:
    """What is wrong, each value by itself first. `emulated`: AWS is on this machine, and so may addresses be, by http.

    Says nothing of a parameter that is not among `values`, and nothing of names that the template does not know.
    """
    found = [
        Fault((name,), why)
        for name, value in sorted(values.items())
        if name in known()
        for why in _wrong_by_itself(name, value, emulated=emulated)
    ]
    if bool(values.get("OidcIssuer")) != bool(values.get("OidcClientId")):
        found.append(Fault(("OidcIssuer", "OidcClientId"), "they go together, or people cannot sign in."))
    if bool(values.get("DomainName")) != bool(values.get("CertificateArn")):
        found.append(
            Fault(("DomainName", "CertificateArn"), "they go together: a domain is served by its certificate.")
        )
    keys = [name for name in ("JwtJwks", "JwtJwksUrl") if values.get(name, "") not in ("", _NO_KEYS)]
    if len(keys) > 1:
        found.append(Fault(("JwtJwks", "JwtJwksUrl"), "they say the same: give the keys, or where they lie."))
    if keys and not values.get("JwtIssuer", "unsaid"):
        found.append(
            Fault(("JwtIssuer",), f"with {keys[0]} it is needed: without an issuer no token is taken.", stops=True)
        )
    size = sum(len(value.encode()) for value in values.values())
    if size > MOST_BYTES:
        found.append(
            Fault(
                (max(values, key=lambda name: len(values[name].encode())),),
                f"all values together have {size} bytes, and a Lambda's environment holds {MOST_BYTES} of them. A key "
                "set needs neither certificates (x5c) nor keys that sign no more, and takes no room as JwtJwksUrl.",
            )
        )
    return found


def _wrong_by_itself(name: str, value: str, *, emulated: bool) -> Iterator[str]:
    declared = known()[name]
    if value == str(declared.get("Default")):
        return
    try:
        if "AllowedValues" in declared:
            _one_of(value, [str(each) for each in declared["AllowedValues"]])
        elif declared["Type"] == "Number":
            _number(value, int(declared["MinValue"]), int(declared["MaxValue"]))
        elif not value:
            raise ValueError("it may not be empty.")
        elif name in _ADDRESSES:
            _address(name, value, emulated=emulated)
        else:
            _LOOKS.get(name, _word)(value)
    except ValueError as wrong:
        yield str(wrong)


def _one_of(value: str, allowed: list[str]) -> None:
    if value not in allowed:
        raise ValueError(f"{_quoted(value)} is none of {', '.join(allowed)}.")


def _number(value: str, least: int, most: int) -> None:
    if not re.fullmatch(r"0|[1-9][0-9]{0,9}", value) or not least <= int(value) <= most:
        raise ValueError(f"{_quoted(value)} is no whole number from {least} to {most}.")


def _word(value: str) -> None:
    if " " in value or not value.isprintable():
        raise ValueError(f"{_quoted(value)} has a blank in it, or a sign that cannot be printed.")


def _mail_address(value: str) -> None:
    mailbox, _, domain = value.rpartition("@")
    if not (_MAILBOX.fullmatch(mailbox) and _DOMAIN.fullmatch(domain)):
        raise ValueError(
            f"{_quoted(value)} is no e-mail address such as me@example.com, without a name or signs beyond ASCII."
        )


def _domain(value: str) -> None:
    if not _DOMAIN.fullmatch(value):
        raise ValueError(f"{_quoted(value)} is no domain such as reply.example.com.")


def _address(name: str, value: str, *, emulated: bool) -> None:
    """An https address of a host, perhaps with a path. A token's issuer may also be a plain word (RFC 7519, 4.1.1)."""
    if name == "JwtIssuer" and re.fullmatch(r"[A-Za-z0-9._-]+", value):
        return
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname or "", parts.port
    except ValueError as error:
        raise ValueError(f"{_quoted(value)} is no address: {error}.") from error
    here = emulated and parts.scheme == "http" and host in ("127.0.0.1", "localhost")
    if not (here or (parts.scheme == "https" and _DOMAIN.fullmatch(host))):
        raise ValueError(f"{_quoted(value)} is no address such as https://id.example.com.")
    if "@" in value or "?" in value or "#" in value or re.search(r"[^!-~]", value):
        raise ValueError(f"{_quoted(value)} has more than host and path.")
    if name == "PublicUrl" and ".execute-api." in host and not parts.path.strip("/"):
        raise ValueError(f"{_quoted(value)} lacks API Gateway's stage: its path is /api.")


def _key_set(value: str) -> None:
    """A JWKS (RFC 7517) of public keys that verify signatures. Raises ValueError with what is wrong, never with a
    key's own content: it may be a private one."""
    try:
        given = json.loads(value)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"it is no JSON: {error}. Is a quote missing, or did a shell take it?") from error
    keys = given.get("keys") if isinstance(given, dict) else None
    if not isinstance(keys, list):
        raise ValueError('it is no key set: that is {"keys": [...]}.')
    if not keys:
        raise ValueError("it holds no key, so that no token could be verified.")
    for place, key in enumerate(keys, 1):
        called = f"key {place}"
        if not isinstance(key, dict):
            raise ValueError(f"{called} is no JSON object.")
        if isinstance(key.get("kid"), str):
            called += f" ({_quoted(key['kid'])})"
        if wrong := _wrong_key(key):
            raise ValueError(f"{called} {wrong}")
    if not any(_signs(key) for key in keys):
        raise ValueError("none of its keys is for signatures (use, key_ops).")
    names = [key.get("kid") for key in keys]
    if len(keys) > 1 and (None in names or len(set(names)) < len(names)):
        raise ValueError("of several keys each needs a kid of its own, or a token does not say which is its key.")


def _wrong_key(key: Mapping[str, Any]) -> str | None:
    kind = key.get("kty")
    if kind == "oct":
        return "is symmetric: whoever verifies with it can sign as well. Asymmetric keys alone are taken."
    if secret := [part for part in _PRIVATE if part in key]:
        return f"is private ({', '.join(secret)}): take the public half, and replace a key that was shown around."
    if kind not in ("RSA", "EC", "OKP"):
        return f"has the type {_quoted(str(kind))}; RSA, EC and OKP are taken."
    if "kid" in key and not (isinstance(key["kid"], str) and key["kid"]):
        return "has a kid that is no text."
    if _shape(key) not in _FITTING:
        return f"has the curve {_quoted(str(key.get('crv')))}; known are {', '.join(list(_FITTING)[1:])}."
    if _signs(key) and "alg" in key and key["alg"] not in _algorithms(key):
        return f"says {_quoted(str(key['alg']))}; of such a key {', '.join(_algorithms(key))} are taken."
    return _unreadable(key)


def _signs(key: Mapping[str, Any]) -> bool:
    """Whether tokens can be verified with it. Providers publish keys for encryption in the same set."""
    uses = key.get("key_ops", ["verify"])
    return key.get("use", "sig") == "sig" and isinstance(uses, list) and "verify" in uses and bool(_algorithms(key))


def _shape(key: Mapping[str, Any]) -> str:
    return "RSA" if key["kty"] == "RSA" else str(key.get("crv"))


def _algorithms(key: Mapping[str, Any]) -> list[str]:
    fitting = _FITTING[_shape(key)]
    return [each for each in ALGORITHMS if each.startswith(fitting)]


def _unreadable(key: Mapping[str, Any]) -> str | None:
    """What the library says that will verify with the key."""
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from joserfc.errors import JoseError
    from joserfc.jwk import JWKRegistry

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of short keys, which are refused below
            public: Any = JWKRegistry.import_key(dict(key)).public_key
    except (JoseError, ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
        return f"cannot be read: {error or 'it is no base64url'}."
    if isinstance(public, RSAPublicKey) and public.key_size < _LEAST_RSA_BITS:
        return f"has {public.key_size} bits; fewer than {_LEAST_RSA_BITS} can be broken."
    return None


def _providers(value: str) -> None:
    if set(value.split(",")) - set(PROVIDERS):
        raise ValueError(f"must be some of {', '.join(PROVIDERS)}, with commas between.")


def _hosts(value: str) -> None:
    if misshapen("image_hosts", value):
        raise ValueError(f"{_quoted(value)} is no list of hosts such as img.example.com, with commas between.")


def _marketplace(value: str) -> None:
    if misshapen("marketplace", value):
        raise ValueError(f"{_quoted(value)} is no name of a marketplace: up to 64 letters, digits and . _ -")


def _zone(value: str) -> None:
    if Zone.named(value) is None:
        raise ValueError(f"{_quoted(value)} is no zone of IANA's such as Asia/Bangkok, nor WIB, WITA, WIT.")


def _country(value: str) -> None:
    if value not in COUNTRIES:
        raise ValueError(f"{_quoted(value)} is none of the countries whose holidays are known: {', '.join(COUNTRIES)}.")


def _links(value: str) -> None:
    if misshapen("alternative_links", value):
        raise ValueError(f"{_quoted(value)} is no list such as change_address=https://shop.example.com/{{order_id}}.")


def _quotas(value: str) -> None:
    if misshapen("quotas", value):
        known = ", ".join(Counted)
        raise ValueError(f"{_quoted(value)} is no list such as asks=30,bad_links=100; what is counted is {known}.")


def _switches(value: str) -> None:
    if misshapen("switched_off", value):
        raise ValueError(f"{_quoted(value)} is no list such as mails,refunds; there are {', '.join(Switch)}.")


def _retention(value: str) -> None:
    if misshapen("retention", value):
        raise ValueError(f"{_quoted(value)} is no list such as words=2500,accounts=4000,dry=1.")
    try:
        retention_in(value)
    except Invalid as short:
        least = ", ".join(f"{name}={days}" for name, days in LAW.items())
        raise ValueError(f"{_quoted(value)} is less than the law wants kept: {least} days.") from short


def _rule_set(value: str) -> None:
    if not re.fullmatch(r"[A-Za-z0-9_.-]{0,64}", value):
        raise ValueError(f"{_quoted(value)} is no name of a receipt rule set.")


def _region(value: str) -> None:
    known_regions = boto3.Session(region_name="us-east-1").get_available_regions("sesv2")
    if value not in known_regions:
        raise ValueError(f"{_quoted(value)} is no region with SES; there are {', '.join(known_regions)}.")


def _resource(name: str) -> Callable[[str], None]:
    """Looks at the ARN of a resource, as the template's pattern has it. A region or an account that is another is
    refused by AWS, while it deploys."""

    def look(value: str) -> None:
        declared = known()[name]
        if not re.fullmatch(declared["AllowedPattern"], value):
            raise ValueError(f"{_quoted(value)} is no ARN of this: {declared['Description']}")

    return look


def _currency(value: str) -> None:
    if not is_currency(value):
        raise ValueError(f"{_quoted(value)} is no code of a currency such as IDR.")


def _quoted(value: str) -> str:
    return repr(value if len(value) <= 80 else f"{value[:77]}...")


_ADDRESSES = ("PublicUrl", "JwtIssuer", "JwtJwksUrl", "OidcIssuer")
_LOOKS: Mapping[str, Callable[[str], None]] = {
    "SenderEmail": _mail_address,
    "AlertEmail": _mail_address,
    "ReplyDomain": _domain,
    "JwtJwks": _key_set,
    "Providers": _providers,
    "Marketplace": _marketplace,
    "Zone": _zone,
    "Country": _country,
    "ImageHosts": _hosts,
    "AlternativeLinks": _links,
    "Quotas": _quotas,
    "SwitchedOff": _switches,
    "Retention": _retention,
    "ReceiptRuleSet": _rule_set,
    "MailRegion": _region,
    "DomainName": _domain,
    **{name: _resource(name) for name in ("AccountsKeyArn", "CertificateArn", "WebAclArn")},
    "AlertCurrency": _currency,
}
