"""The words of an answered mail that are its writer's own: above, below and between what is quoted."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.mail.lines import PICTURE, Line
from chalicelib.mail.ours import after_ours, greets, is_ours, said_by_us
from chalicelib.mail.quotes import Envelope, begins, marks_forward
from chalicelib.mail.typed import prose

Run = list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """What somebody wrote: `runs` between the quotes, in their order; what they forwarded, as they sent it; the
    Content-IDs of the pictures that stand among their words; whether anything was quoted."""

    runs: tuple[str, ...] = ()
    forwarded: str = ""
    pictures: frozenset[str] = frozenset()
    quotes: bool = False

    @property
    def text(self) -> str:
        """All of it, fit to be shown."""
        return "\n\n".join([*self.runs, *([self.forwarded] if self.forwarded else [])])


def own(lines: Sequence[Line], envelope: Envelope) -> Own:
    """The writer's own words among these lines."""
    runs, loose, forwarded = _runs(lines, envelope)
    written = [kept for run in runs if (kept := _fit(_unsigned(run)))]
    if not written:
        # A signature may stand above the answer; an answer may stand where the quote was taken out.
        written = [kept for run in runs if (kept := _fit(_below_signature(run)))]
    if not written and not _is_ours(loose):
        written = [kept] if (kept := _fit(_unsigned(loose))) else []
    pictures = {cid for run in runs for line in run for cid in PICTURE.findall(line)}
    kept_forward = "" if _is_ours(forwarded) else _fit(forwarded)
    return Own(
        runs=tuple(written),
        forwarded=kept_forward,
        pictures=frozenset(pictures | {cid for line in forwarded for cid in PICTURE.findall(line)}),
        quotes=sum(map(len, runs)) < len(lines),
    )


def _is_ours(lines: Run) -> bool:
    return is_ours("\n".join(lines)) or any(greets(line) for line in [each for each in lines if each.strip()][:8])


def _runs(lines: Sequence[Line], envelope: Envelope) -> tuple[list[Run], Run, Run]:
    """The runs of lines that are nobody else's; what followed an attribution without any mark; what was forwarded."""
    runs: list[Run] = [[]]
    loose: Run = []
    at = 0
    while at < len(lines):
        if lines[at].quoted:
            if marks_forward(lines[at]) and not loose:
                return runs, loose, [line.text for line in lines[at:]]
            runs += [[]] if runs[-1] else []
            at += 1
            continue
        begun = begins(lines, at, envelope)
        if begun is None:
            if not _broken_off(lines, at):
                runs[-1].append(lines[at].text)
            at += 1
            continue
        if begun.forwards:
            return runs, loose, [line.text for line in lines[at:]]
        runs += [[]] if runs[-1] else []
        at += begun.lines
        follows = next((line for line in lines[at:] if line.text.strip()), None)
        if begun.rest or (follows is not None and not follows.quoted):
            # Nothing marks this quote: it reaches as far as the mail of ours that it must be, or to the end.
            below = [line.text for line in lines[at:]]
            ends = after_ours(below)
            loose += [begun.rest, *below[:ends]]
            at += ends
    return runs, loose, []


def _broken_off(lines: Sequence[Line], at: int) -> bool:
    """A long quoted line that a program broke: its end stands between quoted lines, without their mark."""
    between = 0 < at < len(lines) - 1 and lines[at - 1].quoted and lines[at + 1].quoted
    return between and said_by_us(lines[at].text)


_DASHES = re.compile(r"^\s*--\s*$")
_MOST_SIGNED = 12

# "Dikirim dari iPhone saya" and its kin: the verb, and something that sends mail.
_PROGRAMS = (
    r"iphone|ipad|ipod|android|samsung|galaxy|xiaomi|redmi|poco|miui|oppo|vivo|realme|huawei|honor|infinix|tecno|itel"
    r"|asus|zenfone|blackberry|nokia|pixel|oneplus|sony|xperia|advan|evercoss|yahoo|outlook|gmail|mail|surel|e-?mail"
    r"|windows|zoho|spark|proton|thunderbird|em client|macbook|apple|roundcube|zimbra|k-9|fairemail|bluemail|edison"
    r"|aqua|yandex|(?:ponsel|hp|handphone|smartphone|telepon|tablet|perangkat|gawai)(?: \w+)? (?:saya|ku)"
    r"|my (?:\w+ )?(?:phone|mobile|tablet|device|smartphone|mac)"
)
_SENT_FROM = re.compile(
    rf"^\W*(?:(?:di|ter)kirim(?:kan)?|sent|balasan dikirim)\s+(?:dari|dengan|melalui|lewat|menggunakan"
    rf"|memakai|pakai|via|oleh|from|with|by|using)\b.{{0,60}}?\b(?:{_PROGRAMS})\b.{{0,60}}$",
    re.IGNORECASE,
)
# A parcel is sent, too: from a place, by somebody, at some time.
_SENT_GOODS = re.compile(
    r"\b(?:gudang|toko|pabrik|kantor|cabang|kurir|ekspedisi|paket|barang|resi|kemarin|tadi|besok|hari|jam|pukul|pagi|siang"
    r"|sore|malam|warehouse|store|shop|office|courier|parcel|package|yesterday|today|tomorrow|morning|evening)\b",
    re.IGNORECASE,
)
_GET_APP = re.compile(
    r"^\W*(?:dapatkan|unduh|get|download)\s+(?:\w+\s+){0,3}?(?:outlook|yahoo mail|gmail|blue ?mail|spark)\b.{0,120}$",
    re.IGNORECASE,
)
_PROMOTED = re.compile(
    r"^\W*(?:yahoo mail\s*:|virus[- ]free\b|bebas virus\b|scanned by\b|dipindai oleh\b|powered by\b).{0,160}$",
    re.IGNORECASE,
)
_LINK_BEHIND = re.compile(r"\s*<https?://[^<>\s]*>")
# Of a picture at the end of a line that was too long.
_CUT_OFF = dict.fromkeys((0xE000, 0xE001))
# Where a picture stood, in the text of a mail that has it as HTML.
_STANDS_FOR = re.compile(
    r"\[(?:image|gambar|cid|inline image|foto)\s*:[^\]\n]{0,200}\]"
    r"|<[^<>\n]{1,120}\.(?:jpe?g|png|gif|webp|heic|pdf)>",
    re.IGNORECASE,
)
_DISCLAIMS = re.compile(
    r"^\W*(?:penafian|penyangkalan|disclaimer|confidential(?:ity)?(?: notice| note)?|pemberitahuan kerahasiaan"
    r"|kerahasiaan|legal notice)\b\s*[:\-–—.]",
    re.IGNORECASE,
)
# A signed link of ours decides for whoever holds it. It never joins a conversation, whatever was quoted how.
_SIGNED_LINK = re.compile(r"https?://\S*/(?:d|payout)/\S+")


def _unsigned(run: Run) -> Run:
    """Without what signs it: the block below two dashes, a disclaimer, and what the program says of itself."""
    kept = run
    for at, line in enumerate(run):
        if _DASHES.match(line) and sum(bool(each.strip()) for each in run[at + 1 :]) <= _MOST_SIGNED:
            kept = run[:at]
            break
        if _DISCLAIMS.match(line) and any(each.strip() for each in run[:at]):
            kept = run[:at]
            break
    return _without_programs(kept)


def _below_signature(run: Run) -> Run:
    """What follows the first empty line below a signature that stands on top."""
    signed = next((at for at, line in enumerate(run) if _DASHES.match(line)), None)
    if signed is None:
        return []
    rest = run[signed + 1 :]
    empty = next(
        (at for at, line in enumerate(rest) if not line.strip() and any(each.strip() for each in rest[:at])), None
    )
    return _without_programs(rest[empty:]) if empty is not None else []


def _without_programs(run: Run) -> Run:
    return [line for line in run if not _says_program(line)]


def _says_program(line: str) -> bool:
    plain = _LINK_BEHIND.sub("", PICTURE.sub("", line)).strip()
    if len(plain) > 160 or _SENT_GOODS.search(plain):
        return False
    return any(each.match(plain) for each in (_SENT_FROM, _GET_APP, _PROMOTED))


def _fit(run: Run) -> str:
    """As one text: no pictures, no signed links, no signs that deceive."""
    cleaned = []
    for line in run:
        plain = _SIGNED_LINK.sub("", _STANDS_FOR.sub("", PICTURE.sub("", line))).translate(_CUT_OFF)
        if plain.strip() or not line.strip():
            cleaned.append(plain)
    shown = prose("\n".join(cleaned))
    while shown and not shown[0]:
        del shown[0]
    return "\n".join(shown)
