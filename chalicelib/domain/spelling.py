"""Words as they are compared, whoever typed them how: composed or in pieces, wide or narrow, with accents or without,
in capitals or small letters, with signs in them that nobody sees (a phone's address book puts some around numbers)."""

import unicodedata

# Letters that are one with a stroke or a hook, and in no table of Unicode are anything else.
_STROKES = str.maketrans({"đ": "d", "ð": "d", "ø": "o", "ł": "l", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe"})
# Unseen signs (controls and formats) and halves of characters; of the controls, blanks divide words.
_UNSEEN = frozenset({"Cc", "Cf", "Cs"})


def typed(text: str) -> str:
    """The text in one width (NFKC), without signs that nobody sees."""
    plain = unicodedata.normalize("NFKC", text)
    if plain.isprintable():
        return plain
    return "".join(each for each in plain if each.isspace() or unicodedata.category(each) not in _UNSEEN)


def folded(text: str) -> str:
    """The text in small letters besides, without accents; other scripts' vowels stay."""
    if text.isascii() and text.isprintable():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", typed(text)).casefold())
    return "".join(each for each in decomposed if not unicodedata.combining(each)).translate(_STROKES)


def is_of_words_unparted(sign: str) -> bool:
    """Whether the sign is of a script that puts no blanks between words, or not always: Han, kana, Hangul."""
    return unicodedata.name(sign, "").startswith(("CJK ", "HIRAGANA ", "KATAKANA ", "HANGUL "))


# Between two signs of one character, and after it: joiners, what chooses its picture, the skin of one.
_JOINER = "\N{ZERO WIDTH JOINER}"
_FOLLOWS = frozenset([_JOINER, *map(chr, range(0xFE00, 0xFE10)), *map(chr, range(0x1F3FB, 0x1F400))])


def beginning(text: str, most: int) -> str:
    """At most so many signs of it from its beginning; a letter keeps its marks, a picture all that it is joined of, or
    goes as a whole."""
    end = min(most, len(text))
    while 0 < end < len(text) and (
        text[end] in _FOLLOWS or text[end - 1] == _JOINER or unicodedata.category(text[end])[0] == "M"
    ):
        end -= 1
    return text[:end]
