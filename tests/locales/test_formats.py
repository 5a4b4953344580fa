"""Money, moments and lengths of time, as people write them."""

import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

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


@given(
    at=st.integers(0, 20 * 366 * 86_400).map(
        lambda seconds: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    ),
    zone=st.sampled_from(list(Zone)),
    locale=st.sampled_from(["id", "en"]),
)
@example(at=datetime(2026, 11, 30, 17, 0, tzinfo=UTC), zone=Zone.WIB, locale="id")
@example(at=datetime(2026, 11, 30, 17, 0, 20, tzinfo=UTC), zone=Zone.WIB, locale="en")
def test_no_deadline_is_said_as_midnight_and_none_later_than_it_is(at: datetime, zone: Zone, locale: str) -> None:
    said = formats.deadline(at, locale, zone)
    assert " 00.00 " not in said
    assert " 00:00 " not in said
    clock = "%H.%M" if locale == "id" else "%H:%M"
    read = datetime.strptime(said.split()[-2], clock).replace(tzinfo=UTC)
    local = at.astimezone(zone.clock)
    minutes = (local.hour * 60 + local.minute) - (read.hour * 60 + read.minute)
    assert minutes in (0, -1439)
    assert said.startswith(formats.day(at - timedelta(minutes=1 if minutes else 0), locale, zone))


def test_a_day_that_ends_at_midnight_is_not_lost() -> None:
    """Tuesday 00.00 in Jakarta is Monday's end there, and nothing special in Makassar."""
    midnight = datetime(2026, 11, 30, 17, 0, tzinfo=UTC)
    assert formats.deadline(midnight, "id", Zone.WIB) == "Senin, 30 November 2026 23.59 WIB"
    assert formats.deadline(midnight, "en", Zone.WIB) == "Monday, 30 November 2026 23:59 WIB"
    assert formats.deadline(midnight, "id", Zone.WITA) == "Selasa, 1 Desember 2026 01.00 WITA"
    assert formats.short_deadline(midnight, "id", Zone.WIB) == "Sen, 30 Nov 2026 23.59 WIB"
    assert formats.short(midnight, "id", Zone.WIB) == "Sel, 1 Des 2026 00.00 WIB"
    assert formats.short_day(midnight, "en", Zone.WIB) == "Tue, 1 Dec 2026"


def test_no_page_says_a_deadline_as_what_happened_is_said() -> None:
    by_name = re.compile(r"\b(?:moment|day|short|short_day)\([^()]*(?:deadline|expires|_by|until)\w*\)")
    templates = Path("chalicelib/pages/templates").glob("*.j2")
    assert [(page.name, found) for page in templates for found in by_name.findall(page.read_text("utf-8"))] == []
