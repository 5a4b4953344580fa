"""An answered mail as lines, from its text or its HTML: what each says, and whether it is marked as quoted."""

import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bs4 import Tag

# NUL, which can never be kept, and signs without width (iOS sets one before each quote).
_UNSEEN = dict.fromkeys(
    (0, 0xAD, 0x034F, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0xFEFF)
)
_MARKED = re.compile(r"^[ \t]{0,3}((?:> ?)+)")

# A picture of the HTML stands in its line as its Content-ID between two signs of Unicode's private area.
PICTURE = re.compile("\ue000([^\ue000\ue001]*)\ue001")
# A rule across the page, as mail programs draw it above the mail that they quote.
RULE = "_" * 32
ORIGINAL = "----- Original Message -----"

# More than anybody writes; the quote of a long conversation may be longer, and is cut anyway. Parsers of HTML take time
# by the square of what is left open: so many tags are read within seconds, however they are nested.
_MOST, _MOST_LINES, _MOST_TAGS, _LONGEST_LINE = 300_000, 4_000, 10_000, 5_000


@dataclass(frozen=True, slots=True)
class Line:
    """One line; `quoted` where marks (`>`, a blockquote) say that it is somebody else's."""

    text: str
    quoted: bool = False


def seen(text: str) -> str:
    """Without signs that nobody sees, and with plain blanks."""
    return re.sub(r"[^\S\n]+", " ", text.translate(_UNSEEN))


def of_text(text: str, *, flowed: bool = False, delsp: bool = False) -> list[Line]:
    """The lines of a plain text; with `flowed` those that end in a blank go on in the next (RFC 3676)."""
    lines: list[Line] = []
    open_depth = -1  # of the line that goes on
    for raw in text[:_MOST].splitlines()[:_MOST_LINES]:
        marks = _MARKED.match(raw)
        depth = marks[1].count(">") if marks else 0
        content = raw[marks.end() :] if marks else raw
        if flowed and not marks and content.startswith(" "):
            content = content[1:]
        goes_on = flowed and content.endswith(" ") and content != "-- "
        content = content[:-1] if goes_on and delsp else content
        if open_depth == depth and content != "-- ":
            lines[-1] = Line(lines[-1].text + content, lines[-1].quoted)
        else:
            lines.append(Line(content, bool(marks)))
        open_depth = depth if goes_on else -1
    return [
        Line(seen(line.text[:_LONGEST_LINE]).rstrip() if line.text != "-- " else "--", line.quoted) for line in lines
    ]


# What stands in lines of its own.
_BLOCKS = re.compile(
    r"address|article|aside|blockquote|body|center|d[dlt]|div|fieldset|figure|footer|form|h[1-6r]|header|html|li|main|nav"
    r"|ol|p|pre|section|table|tbody|tfoot|thead|tr|ul"
)
_SILENT = re.compile(r"head|script|style|template|title|noscript|object|svg")
# Ids, classes and data-markers by which mail programs name the mail that they quote, as a whole.
_QUOTES = re.compile(
    r"yahoo_quoted|protonmail_quote|zmail_extra|elided-text|moz-cite-prefix|outlookmessageheader|__quoted_text__"
    r"|mail-editor-reference-message-container|tutanota_quote"
)
# What follows these, to the end, is the mail that was answered.
_BEGINS = re.compile(r"(x_)?divrplyfwdmsg")
_SIGNATURES = re.compile(
    r"gmail_signature|moz-signature|ms-outlook-mobile-signature|composer_signature|ymail_(android|ios)_signature"
)


def of_html(html: str) -> list[Line]:
    """The lines that a reader of the HTML sees. Quoted is what stands in blockquotes and in parts that mail programs
    name as the quote; an indent of somebody's own, which has no border, is not."""
    with warnings.catch_warnings():
        # Its selectors want another package, which does not travel to Lambda. Ours are plain walks.
        warnings.filterwarnings("ignore", message="The soupsieve package is not installed")
        from bs4 import BeautifulSoup, Tag
        from bs4.element import NavigableString

    page = _Page()
    todo: list[tuple[Any, bool]] = [(BeautifulSoup(_bounded(html), "html.parser"), True)]
    # By hand, since mails nest deeper than Python likes to call itself.
    while todo:
        node, entering = todo.pop()
        if not isinstance(node, Tag):
            if type(node) is NavigableString:  # comments and their kin are subclasses
                page.write(str(node))
        elif not entering:
            page.leave(node)
        elif not _silent(node):
            page.enter(node)
            todo.append((node, False))
            todo.extend((child, True) for child in reversed(node.contents))
    page.end()
    return page.lines[:_MOST_LINES]


def _bounded(html: str) -> str:
    """As much of the HTML as is read."""
    tags = html[:_MOST].split("<", _MOST_TAGS + 1)
    return "<".join(tags[: _MOST_TAGS + 1])


def _names(tag: "Tag") -> set[str]:
    given = [tag.get("id"), tag.get("data-marker"), *(tag.get_attribute_list("class"))]
    return {str(each).lower() for each in given if each}


def _called(tag: "Tag", names: re.Pattern[str]) -> bool:
    return any(names.fullmatch(name) for name in _names(tag))


def _style(tag: "Tag") -> str:
    return re.sub(r"\s", "", str(tag.get("style") or "")).lower()


def _silent(tag: "Tag") -> bool:
    if _SILENT.fullmatch(tag.name) or "display:none" in _style(tag):
        return True
    return _called(tag, _SIGNATURES)


def _quotes(tag: "Tag") -> bool:
    if _called(tag, _QUOTES):
        return True
    if tag.name != "blockquote":
        return False
    style = _style(tag)
    return bool(_names(tag) or tag.get("type")) or not ("border:none" in style or "border:0" in style)


class _Page:
    """The page as it is read from top to bottom."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self._now = ""
        self._depth = 0
        self._typed = 0  # within <pre>, where line breaks count

    def enter(self, tag: "Tag") -> None:
        if _BLOCKS.fullmatch(tag.name):
            self.end()
        for line in self._before(tag):
            self.lines.append(Line(line, self._depth > 0))
        if _quotes(tag):
            self.end()
            self._depth += 1
        self._typed += tag.name == "pre"
        if tag.name == "br":
            self._break()
        elif tag.name == "li":
            self._now += "- "
        elif tag.name in ("td", "th") and self._now.strip():
            self._now += "\t"
        elif tag.name == "img":
            self._now += _picture(tag)

    def _before(self, tag: "Tag") -> Iterator[str]:
        if _called(tag, _BEGINS):
            yield ORIGINAL
        if tag.name == "hr":
            yield RULE
        if tag.name == "p" and not any(name.startswith("mso") for name in _names(tag)):
            yield ""

    def leave(self, tag: "Tag") -> None:
        if _BLOCKS.fullmatch(tag.name):
            self.end()
        if _quotes(tag):
            self.end()
            self._depth -= 1
        if tag.name == "p" and not any(name.startswith("mso") for name in _names(tag)):
            self.lines.append(Line("", self._depth > 0))
        self._typed -= tag.name == "pre"

    def write(self, text: str) -> None:
        if not self._typed:
            self._now += re.sub(r"[ \t\r\n\f]+", " ", text)
            return
        first, *more = text.split("\n")
        self._now += first
        for line in more:
            self._break()
            self._now += line

    def end(self) -> None:
        """What was begun is a line."""
        if self._now.strip():
            self._break()
        self._now = ""

    def _break(self) -> None:
        text = re.sub(r"[^\S\n\t]+", " ", self._now[:_LONGEST_LINE].translate(_UNSEEN)).strip()
        self.lines.append(Line(text, self._depth > 0))
        self._now = ""


def _picture(tag: "Tag") -> str:
    source = str(tag.get("src") or "")
    if source.lower().startswith("cid:"):
        return f"\ue000{source[4:]}\ue001"
    alt = str(tag.get("alt") or "")
    return alt if alt and len(alt) <= 8 and not alt.isascii() else ""  # an emoji, drawn
