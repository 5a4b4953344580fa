"""Parameters as people type them: read unharmed, and refused before anything is deployed where they make no sense."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from infra.parameters import known, setting_of, settings_of, strangers, told
from infra.stages import Stage
from infra.values import MOST_BYTES, faults

STAGE = Stage(name="dev", parameters={"LogDays": "7"})


def public(key: Any, **more: Any) -> dict[str, Any]:
    return {**key.as_dict(private=False), **more}


EC = public(ECKey.generate_key("P-256"), kid="a", use="sig", alg="ES256")
RSA = public(RSAKey.generate_key(2048), kid="b", alg="RS256")
ED = public(OKPKey.generate_key("Ed25519"), kid="c")
SHORT = {"kty": "RSA", "e": "AQAB", "n": "_" * 170 + "w"}  # of 1024 bits


def key_set(*keys: Mapping[str, Any]) -> str:
    return json.dumps({"keys": keys})


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("", []),
        ("LogDays=30", [("LogDays", "30")]),
        ("  LogDays=30\n KeepData=true ", [("LogDays", "30"), ("KeepData", "true")]),
        ('JwtJwks={"keys": []} LogDays=1', [("JwtJwks", '{"keys": []}'), ("LogDays", "1")]),
        ('JwtJwks={"keys": [{"kid": "a LogDays=1"}]}', [("JwtJwks", '{"keys": [{"kid": "a LogDays=1"}]}')]),
        ("JwtJwks={keys:[a]} LogDays=1", [("JwtJwks", "{keys:[a]}"), ("LogDays", "1")]),
        ("JwtIssuer=https://id.example.com/a=b,c#d$e", [("JwtIssuer", "https://id.example.com/a=b,c#d$e")]),
        ("PublicUrl= LogDays=1", [("PublicUrl", ""), ("LogDays", "1")]),
        ("PublicUrl=", [("PublicUrl", "")]),
        ("JwtAudience=two words LogDays=1", [("JwtAudience", "two words"), ("LogDays", "1")]),
        ("JwtAudience='a LogDays=1' LogDays=2", [("JwtAudience", "a LogDays=1"), ("LogDays", "2")]),
        ("JwtAudience=it's LogDays=2", [("JwtAudience", "it's"), ("LogDays", "2")]),
    ],
)
def test_settings_are_taken_as_they_were_typed(text: str, meant: list[tuple[str, str]]) -> None:
    assert settings_of(text) == meant


def test_one_setting_is_everything_after_its_sign() -> None:
    assert setting_of("JwtAudience= a LogDays=1 ") == ("JwtAudience", " a LogDays=1 ")


@pytest.mark.parametrize("text", ["LogDays", "=1", "-x LogDays=1", '{"a": 1}'])
def test_what_is_no_setting_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="NAME=VALUE"):
        settings_of(text)


def test_a_value_may_stand_in_a_file_or_in_the_stage_file(tmp_path: Path) -> None:
    file = tmp_path / "jwks.json"
    file.write_text(f"\ufeff{key_set(EC)}\n", "utf-8")
    found = told([("JwtJwks", f"@{file}"), ("LogDays", "@stage")], STAGE)
    assert found == {"JwtJwks": key_set(EC), "LogDays": "7"}
    for name, value in (("JwtJwks", f"@{tmp_path}"), ("KeepData", "@stage")):
        with pytest.raises(ValueError, match=name):
            told([(name, value)], STAGE)


def test_two_values_of_one_name_are_refused() -> None:
    assert told([("LogDays", "1"), ("LogDays", "1")], STAGE) == {"LogDays": "1"}
    with pytest.raises(ValueError, match="LogDays is given twice"):
        told([("LogDays", "1"), ("LogDays", "3")], STAGE)


@pytest.mark.parametrize(
    ("typed", "meant"), [("PublicURL", "PublicUrl"), ("Jwks", "JwtJwks"), ("log_days", "LogDays"), ("Sender", "Send")]
)
def test_an_unknown_name_is_refused_with_the_nearest(typed: str, meant: str) -> None:
    with pytest.raises(ValueError, match=rf"{typed}.*{meant}"):
        strangers([typed], "the command line")


GOOD = {
    "SenderEmail": ["me@example.com", "no-reply+batal@mail.example.co.id", "o'neil@xn--bcher-kva.example"],
    "AlertEmail": ["", "ops@example.com"],
    "ReplyDomain": ["", "reply.example.com"],
    "CreateSender": ["true", "false"],
    "CreateSecret": ["false"],
    "FirstDeployment": ["true"],
    "AccountsKeyArn": ["", "arn:aws:kms:ap-southeast-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"],
    "DomainName": [""],
    "CertificateArn": [""],
    "WebAclArn": [
        "",
        "arn:aws:wafv2:ap-southeast-1:123456789012:regional/webacl/batal/1234abcd-12ab-34cd-56ef-1234567890ab",
    ],
    "PublicUrl": [
        "",
        "https://cancel.example.com",
        "https://cancel.example.com:8443/x/",
        "https://a.execute-api.ap-southeast-3.amazonaws.com/api",
    ],
    "Orchestrator": ["sweep"],
    "JwtJwks": [
        '{"keys": []}',
        key_set(EC),
        key_set(EC, RSA, ED),
        json.dumps({"keys": [RSA]}, indent=2),
        key_set(EC, public(RSAKey.generate_key(2048), kid="d", use="enc", alg="RSA-OAEP")),
    ],
    "JwtJwksUrl": ["", "https://id.example.com/.well-known/jwks.json"],
    "JwtIssuer": ["", "https://id.example.com/", "sandbox"],
    "JwtAudience": ["https://api.example.com/?x=1", "batal"],
    "OidcIssuer": [""],
    "OidcClientId": [""],
    "Providers": ["", "stripe", "midtrans,xendit,doku", "xendit_payouts", "xendit,xendit_payouts"],
    "Quotas": ["", "asks=0", "asks=30,messages=60,bad_links=100"],
    "Marketplace": ["", "toko-kita", "Shop_2.th"],
    "Zone": ["WIB", "WITA", "Asia/Bangkok", "America/Argentina/Buenos_Aires", "Etc/GMT+7"],
    "Country": ["ID", "TH"],
    "ImageHosts": ["", "img.example.com", "img.example.com,cdn.example.com:8443"],
    "AlternativeLinks": ["", "change_address=https://shop.example.com/o/{order_id}/address"],
    "ReceiptRuleSet": ["", "company-mail"],
    "MailRegion": ["", "ap-southeast-3"],
    "RequestRate": ["1", "10000"],
    "RequestBurst": ["1", "5000"],
    "DetailedMetrics": ["true"],
    "AccessLog": ["true"],
    "SwitchedOff": ["", "mails", "mails,refunds,writes"],
    "Retention": ["", "words=1827", "words=2500,accounts=4000,dry=1", "dry=0"],
    "KeepData": ["false"],
    "LogDays": ["1", "365"],
    "EvidenceDays": ["30", "36500"],
    "AuditDays": ["365", "36500"],
    "AlertRefundAge": ["1", "365"],
    "AlertCurrency": ["IDR", "USD"],
    "AlertMoneyOnItsWay": ["0", "9999999999"],
    "AlertMoneyFailed": ["0", "2500000"],
    "AlertMoneyHeld": ["0", "1"],
    "SweepConcurrency": ["0", "1000"],
}

BAD = {
    "SenderEmail": [
        "",
        "me",
        "@example.com",
        "me@example",
        "me@example.com ",
        "Me <me@example.com>",
        "a@b.example,c@d.example",
        "a..b@example.com",
        "me@-x.example",
        "budi@bücher.example",
        "budi(x)@example.com",
        "me@1.2.3.4",
    ],
    "AlertEmail": ["ops", "ops@example.com\n"],
    "ReplyDomain": ["https://reply.example.com", "reply", "reply..example.com", "a@reply.example.com", "*.example.com"],
    "CreateSender": ["", "yes", "True"],
    "CreateSecret": ["", "no"],
    "FirstDeployment": ["", "yes"],
    "AccountsKeyArn": ["alias/mine", "arn:aws:kms:ap-southeast-1:123456789012:alias/mine"],
    "DomainName": ["https://cancel.example.com", "cancel", "*.example.com"],
    "CertificateArn": ["arn:aws:iam::123456789012:server-certificate/x", "mine"],
    "WebAclArn": ["arn:aws:wafv2:us-east-1:123456789012:global/webacl/batal/1234", "mine"],
    "PublicUrl": [
        "http://cancel.example.com",
        "http://localhost:8000",
        "cancel.example.com",
        "https://",
        "https://localhost",
        "https://cancel.example.com/a b",
        "https://cancel.example.com/?x=1",
        "https://cancel.example.com#x",
        "https://me@cancel.example.com",
        "https://cancel.example.com:99999",
        "https://[::1",
        "javascript:alert(1)",
        "https://a.execute-api.ap-southeast-3.amazonaws.com",
    ],
    "Orchestrator": ["", "stepfunction"],
    "JwtJwks": [
        "",
        "{keys:[{kty:RSA}]}",
        "[]",
        "null",
        '{"keys": {}}',
        '{"keys":[]}',
        key_set({}),
        key_set(OctKey.generate_key(256).as_dict()),
        key_set(ECKey.generate_key("P-256").as_dict(private=True)),
        key_set(RSAKey.generate_key(2048).as_dict(private=True)),
        key_set(EC, {**RSA, "d": "AQAB"}),
        key_set(SHORT),
        key_set({**RSA, "n": "!!"}),
        key_set({**RSA, "n": 5}),
        key_set({"kty": "RSA", "e": "AQAB"}),
        key_set({**EC, "x": EC["y"]}),
        key_set({**EC, "crv": "P-999"}),
        key_set({**EC, "alg": "HS256"}),
        key_set({**EC, "alg": "ES512"}),
        key_set({**RSA, "use": "enc", "alg": "RSA-OAEP"}),
        key_set({**RSA, "key_ops": ["encrypt"]}),
        key_set({**RSA, "kid": 5}),
        key_set(public(OKPKey.generate_key("X25519"))),
        key_set({"kty": ["RSA"]}),
        key_set({"kty": "PQC"}),
        key_set(EC, EC),
        key_set(EC, {name: value for name, value in RSA.items() if name != "kid"}),
        '{"keys": [5]}',
        "https://id.example.com/jwks.json",
        "jwks.json",
        "[" * 100_000,
    ],
    "JwtJwksUrl": ["http://id.example.com/jwks", "id.example.com", "https://user@id.example.com/", "https://10/"],
    "JwtIssuer": ["http://id.example.com", "id example", "ftp://id.example.com"],
    "JwtAudience": ["", "two words", "a\tb"],
    "OidcIssuer": ["http://id.example.com", "id"],
    "OidcClientId": ["two words", "a\x00"],
    "Providers": ["paypal", "stripe,", "stripe midtrans", "Stripe", "payouts", "xendit-payouts"],
    "Quotas": ["asks", "asks=", "asks=-1", "asks=many", "asks=1;messages=1", "others=1", "asks=1 messages=1"],
    "Marketplace": ["two words", "a,b", "a/b", "x" * 65],
    "Zone": ["", "wib", "Asia/jakarta", "UTC+7", "../etc/passwd", "posixrules", "Asia/Bangkok "],
    "Country": ["", "id", "IDN", "XX", "Indonesia"],
    "ImageHosts": ["https://img.example.com", "*", "img.example.com;script-src", "a b", "img.example.com,"],
    "AlternativeLinks": ["change_address", "change_address=http://shop.example.com", "https://shop.example.com"],
    "ReceiptRuleSet": ["two words", "a/b", "x" * 65],
    "MailRegion": ["ap-southeast-7", "Jakarta", "ap-southeast-99"],
    "RequestRate": ["", "0", "10001", "many"],
    "RequestBurst": ["", "0", "5001"],
    "DetailedMetrics": ["", "yes"],
    "AccessLog": ["", "on"],
    "Retention": [
        "words",
        "words=1826",
        "accounts=3652",
        "words=-1",
        "words=0",
        "dry=2",
        "others=9999",
        "words=2000;dry=1",
    ],
    "SwitchedOff": ["mail", "Mails", "mails refunds", "mails,", "everything"],
    "KeepData": ["1"],
    "LogDays": ["", "0", "8", "30.0", "thirty"],
    "AuditDays": ["", "364", "36501", "five years"],
    "EvidenceDays": ["", "29", "36501", "-30", "030", "1e3", "３０"],
    "AlertRefundAge": ["", "0", "366", "14.5", "two weeks"],
    "AlertCurrency": ["", "idr", "rupiah", "Rp", "ID R"],
    "AlertMoneyOnItsWay": ["", "-1", "10000000000", "1.000.000", "1e9"],
    "AlertMoneyFailed": ["", "-1", "Rp1000000"],
    "AlertMoneyHeld": ["", "-1", "0.5"],
    "SweepConcurrency": ["", "-1", "1001", "two"],
}


def cases(values: Mapping[str, list[str]]) -> list[Any]:
    """Each with a name that is the same in every process, whatever keys it made."""
    return [
        pytest.param(name, value, id=f"{name}-{place}")
        for name, each in values.items()
        for place, value in enumerate(each)
    ]


def test_every_parameter_has_good_values_and_bad_ones() -> None:
    assert set(GOOD) == set(BAD) == set(known())


@pytest.mark.parametrize(("name", "value"), cases(GOOD))
def test_what_can_be_meant_is_taken(name: str, value: str) -> None:
    assert faults({name: value}) == []


@pytest.mark.parametrize(("name", "value"), cases(BAD))
def test_what_cannot_be_meant_is_refused(name: str, value: str) -> None:
    assert faults({name: value})[0].names == (name,)


def test_a_private_key_is_refused_without_being_shown() -> None:
    key = ECKey.generate_key("P-256").as_dict(private=True)
    (fault,) = faults({"JwtJwks": key_set(key)})
    assert "private" in str(fault)
    assert str(key["d"]) not in str(fault)


def test_signing_in_needs_both_of_its_parameters() -> None:
    assert faults({"OidcIssuer": "https://id.example.com", "OidcClientId": "batal"}) == []
    for half in ({"OidcIssuer": "https://id.example.com"}, {"OidcClientId": "batal", "OidcIssuer": ""}):
        (fault,) = faults(half)
        assert fault.names == ("OidcIssuer", "OidcClientId")


def test_a_domain_needs_its_certificate() -> None:
    certificate = "arn:aws:acm:ap-southeast-1:123456789012:certificate/1234abcd-12ab-34cd-56ef-1234567890ab"
    assert faults({"DomainName": "cancel.example.com", "CertificateArn": certificate}) == []
    for half in ({"DomainName": "cancel.example.com"}, {"CertificateArn": certificate, "DomainName": ""}):
        (fault,) = faults(half)
        assert fault.names == ("DomainName", "CertificateArn")


def test_addresses_by_http_are_for_an_emulated_aws_alone() -> None:
    here = {"PublicUrl": "http://127.0.0.1:4566/_aws/execute-api/x/api"}
    assert faults(here, emulated=True) == []
    assert faults({"PublicUrl": "http://example.com"}, emulated=True) != []


@pytest.mark.parametrize("keys", [{"JwtJwks": key_set(EC)}, {"JwtJwksUrl": "https://id.example.com/jwks"}])
def test_keys_without_an_issuer_stop_a_deployment_even_where_a_stack_has_them(keys: dict[str, str]) -> None:
    (fault,) = faults({**keys, "JwtIssuer": ""})
    assert (fault.names, fault.stops) == (("JwtIssuer",), True)
    assert faults({**keys, "JwtIssuer": "sandbox"}) == []
    assert faults({"JwtJwks": '{"keys": []}', "JwtJwksUrl": "", "JwtIssuer": ""}) == []


def test_keys_are_given_or_it_is_said_where_they_lie() -> None:
    both = {"JwtJwks": key_set(EC), "JwtJwksUrl": "https://id.example.com/jwks", "JwtIssuer": "sandbox"}
    (fault,) = faults(both)
    assert fault.names == ("JwtJwks", "JwtJwksUrl")


def test_a_key_set_that_no_lambda_holds_is_refused() -> None:
    large = key_set(EC, {**RSA, "x5c": ["A" * MOST_BYTES]})
    (fault,) = faults({"JwtJwks": large, "JwtIssuer": "sandbox"})
    assert fault.names == ("JwtJwks",)
    assert "x5c" in fault.why
    assert "JwtJwksUrl" in fault.why
