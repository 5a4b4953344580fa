"""The rules of docs/texts.md: functions from a key, its text and its language to what is wrong with it, if anything.

The words themselves stand in that page's tables and nowhere else.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from chalicelib.locales import PLACEHOLDER, languages
from infra.stages import ROOT

# In words, and in signs beside what is filled in.
LONGEST_SENTENCE, LONGEST_SUBJECT = 24, 58
# What people accept, and what the business approved word for word: changed by them alone.
APPROVED = re.compile(r"terms\.|help\.(chat|email|phone|facts)")

Rule = Callable[[str, str, str], str | None]


@dataclass(frozen=True)
class Word:
    """What is never said, what is said in its place, and where it is right all the same."""

    never: str
    say: str
    but: tuple[str, ...]


def words() -> Mapping[str, list[Word]]:
    """The tables of docs/texts.md; a language without one has no words that are never said."""
    page = (ROOT / "docs" / "texts.md").read_text(encoding="utf-8")
    found: dict[str, list[Word]] = {}
    for locale in languages():
        table = page.partition(f"<!-- words:{locale} -->")[2].partition("<!-- end -->")[0]
        rows = [[cell.strip() for cell in row.strip("|").split("|")] for row in table.strip().splitlines()[2:]]
        found[locale] = [
            Word(never=never.strip(), say=say, but=tuple(each.strip() for each in but.split(",") if each.strip()))
            for say, nevers, but in rows
            for never in nevers.split(",")
        ]
    return found


WORDS = words()

VERBS = {
    "id": (
        "Ajukan Ambil Atur Bandingkan Batalkan Beri Buat Buka Cari Catat Cetak Chat Cocokkan Gabungkan Hapus Hentikan "
        "Hitung Hubungi Isi Keluar Kembali Kembalikan Kirim Konfirmasi Lanjut Laporkan Lihat Masuk Minta Perbaiki "
        "Periksa Perpanjang Pilih Pisahkan Salin Setujui Simpan Tambah Tampilkan Tandai Tangani Tarik Terima Tolak "
        "Tulis Tuliskan Tutup Ubah Unduh Unggah Urus Ya"
    ),
    "en": (
        "Accept Add Agree Approve Ask Cancel Change Chat Check Choose Clear Close Compare Confirm Contact Continue "
        "Copy Correct Decline Download Enter Extend Give Go Join Keep Look Make Open Pay Print Reconcile Record Refund "
        "Refuse Remove Reopen Report Return Save Search See Send Separate Show Sign Stop Take Tell Undo Upload "
        "Withdraw Work Write Yes"
    ),
}


def says_our_words(key: str, text: str, locale: str) -> str | None:
    """One word per thing."""
    if APPROVED.match(key):
        return None
    plain = PLACEHOLDER.sub("", text)
    for word in WORDS.get(locale, ()):
        rest = plain
        for allowed in word.but:
            rest = re.sub(re.escape(allowed), "", rest, flags=re.IGNORECASE)
        if re.search(rf"(?<![\w-]){re.escape(word.never)}(?![\w-])", rest, re.IGNORECASE):
            return f"“{word.never}”: say {word.say}"
    return None


def speaks_of_returning(key: str, text: str, locale: str) -> str | None:
    """What is said of a return never speaks of cancelling."""
    cancels = {"id": r"batal", "en": r"cancel"}.get(locale, "$^")
    of_return = "return" in key.split(".") and not key.startswith("quote.")
    return "speaks of cancelling" if of_return and re.search(cancels, text, re.IGNORECASE) else None


def is_short(key: str, text: str, locale: str) -> str | None:
    """Sentences that can be read in one breath."""
    if APPROVED.match(key):
        return None
    longest = max(len(sentence.split()) for sentence in re.split(r"(?<=[.?:])\s+", text))
    return f"a sentence of {longest} words" if longest > LONGEST_SENTENCE else None


def is_spaced(key: str, text: str, locale: str) -> str | None:
    """Single blanks, and none before a sign."""
    return "blanks" if re.search(r"  | [.,;?]|\t", text) else None


_SENTENCES = re.compile(
    r"mail\.(?!.*(subject|button|part\.))[\w.]*\.(lead|next|over|show|photos|care|hold|later|nothing)(\.|$)"
    r"|refusal\.|consequence\.|warning\.|rule\.|step\.|soundness\.|why\.(remark|total)|page\.error\."
    r"|page\.case\.(now|end|done|money)\.|page\.refusal\.next\."
)


def ends_well(key: str, text: str, locale: str) -> str | None:
    """Whole sentences end with a full stop, labels do not."""
    ends = text[-1] in ".?:”"
    if _SENTENCES.match(key):
        return None if ends else "a sentence without its end"
    return "a subject or a button with a full stop" if _is_head(key) and text.endswith(".") else None


def has_our_signs(key: str, text: str, locale: str) -> str | None:
    """Printed quotes, one sign for what is left out, nothing shouted."""
    if re.search(r'"|(?<!\w)\'|\'(?!\w)|\.\.|!', text):
        return "signs: “ ”, … and no exclamation mark"
    return None


def says_anda(key: str, text: str, locale: str) -> str | None:
    """The reader has a capital."""
    return "Anda" if locale == "id" and re.search(r"\banda\b|-mu\b|\bANDA\b", text) else None


def writes_money(key: str, text: str, locale: str) -> str | None:
    """Rp150.000, and no other way."""
    wrong = re.search(r"\bIDR\b|\brp|Rp[ .]|Rp\d(?!\d{0,2}(\.\d{3})*(?![\d.,]\d))|Rp\d{4}|\brupiah\b", text)
    return "Rp150.000" if wrong else None


def _is_head(key: str) -> bool:
    return ".subject" in key or key.endswith(".button")


def _is_of_no_request(key: str) -> bool:
    return ".untaken." in key or ".webhook_off." in key


def is_a_subject(key: str, text: str, locale: str) -> str | None:
    """A mail's subject is short and ends with the request's number, unless it is about none."""
    if not re.match(r"mail\..*\.subject", key):
        return None
    if len(PLACEHOLDER.sub("", text)) > LONGEST_SUBJECT:
        return f"more than {LONGEST_SUBJECT} signs"
    return None if text.endswith(" · {reference}") or _is_of_no_request(key) else "no number"


def begins_with_a_verb(key: str, text: str, locale: str) -> str | None:
    """Asked of buttons alone: they say what they do."""
    verbs = VERBS.get(locale)
    return (
        None if verbs is None or re.split(r"[ ,:]", text)[0] in verbs.split() else "a button that begins with no verb"
    )


RULES: tuple[Rule, ...] = (
    says_our_words,
    speaks_of_returning,
    is_short,
    is_spaced,
    ends_well,
    has_our_signs,
    says_anda,
    writes_money,
    is_a_subject,
)


def buttons(texts: Mapping[str, str]) -> set[str]:
    """The keys of what can be pressed: in <button>, in links that look like one, and in mails."""
    found = {key for key in texts if re.fullmatch(r"mail\..*\.button", key)}
    for path in sorted((ROOT / "chalicelib" / "pages" / "templates").glob("*.j2")):
        page = path.read_text(encoding="utf-8")
        for inside in re.findall(r"<button\b.*?>(.*?)</button>|<a class=\"button[^>]*?>(.*?)</a>", page, re.DOTALL):
            for said in re.findall(r"\bt\((.*?)\)\s*(?:\}\}|if\b)", "".join(inside), re.DOTALL):
                for name, more in re.findall(r'"([a-z_.]+)"( ~)?', said):
                    if more:
                        found |= {key for key in texts if re.fullmatch(re.escape(name) + r"\w+", key)}
                    elif name in texts:
                        found.add(name)
    # Whose number is shown, and which answer is put in, is a name; what can only be waited for is no button.
    names = r"role\.|page\.cockpit\.answer\.|alternative\.return_after_delivery"
    return {key for key in found if not re.match(names, key)}
