"""Money, moments and lengths of time, as people write them."""

import subprocess
import sys
from datetime import UTC, datetime

import pytest

from chalicelib.domain.zones import Zone
from chalicelib.locales import formats

AT = datetime(2026, 11, 23, 8, 4, tzinfo=UTC)


@pytest.mark.parametrize("locale", ["id", "en", "fr"])
@pytest.mark.parametrize(
    ("amount", "written"),
    [(150_000, "Rp150.000"), (-12_000, "-Rp12.000"), (0, "Rp0"), (999, "Rp999"), (1_234_567_890, "Rp1.234.567.890")],
)
def test_rupiah_read_the_same_in_both_languages(amount: int, written: str, locale: str) -> None:
    assert formats.money(amount, "IDR", locale) == written


@pytest.mark.parametrize(
    ("amount", "currency", "locale", "written"),
    [
        (1500, "USD", "en", "$15.00"),
        (1500, "USD", "id", "US$15,00"),
        (-5, "USD", "en", "-$0.05"),
        (1500, "JPY", "en", "¥1,500"),
        (1500, "KWD", "en", "KWD1.500"),
        (1500, "LAK", "en", "LAK15.00"),  # ISO 4217 says 2, CLDR 0: what is paid must not be rounded
    ],
)
def test_other_currencies_keep_the_digits_of_iso_4217(amount: int, currency: str, locale: str, written: str) -> None:
    assert formats.money(amount, currency, locale) == written


def test_a_moment_names_its_day_and_its_zone() -> None:
    assert formats.moment(AT, "id", Zone.WIB) == "Senin, 23 November 2026 15.04 WIB"
    assert formats.moment(AT, "en", Zone.WIB) == "Monday, 23 November 2026 15:04 WIB"
    assert formats.moment(AT, "en", Zone.WIT) == "Monday, 23 November 2026 17:04 WIT"


def test_a_day_is_the_day_in_the_zone() -> None:
    late = datetime(2026, 11, 23, 17, 30, tzinfo=UTC)  # half past midnight in Jakarta
    assert formats.day(late, "id", Zone.WIB) == "Selasa, 24 November 2026"
    assert formats.day(late, "en", Zone.WIB) == "Tuesday, 24 November 2026"


@pytest.mark.parametrize(
    ("seconds", "indonesian", "english"),
    [
        (0, "0 detik", "0 seconds"),
        (45, "45 detik", "45 seconds"),
        (60, "1 menit", "1 minute"),
        (5400, "1 jam 30 menit", "1 hour 30 minutes"),
        (86_400, "1 hari", "1 day"),
        (2 * 86_400 + 3 * 3600 + 59, "2 hari 3 jam", "2 days 3 hours"),
    ],
)
def test_a_length_of_time_is_told_in_words(seconds: int, indonesian: str, english: str) -> None:
    assert formats.duration(seconds, "id") == indonesian
    assert formats.duration(seconds, "en") == english


def test_importing_the_texts_and_the_mails_loads_neither_babel_nor_jinja_nor_any_of_aws() -> None:
    heavy = "{'babel', 'jinja2', 'boto3', 'botocore', 'pynamodb', 'chalice'}"
    ours = "chalicelib.locales.formats, chalicelib.mail, chalicelib.mail.mime"
    code = f"import sys, {ours}; print({heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
