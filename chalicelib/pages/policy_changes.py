"""What differs between two versions of a policy: in sentences, and setting by setting."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.policies.policy import Policy
from chalicelib.pages.policy_blanks import plain_of, put
from chalicelib.pages.policy_sentences import Sentence, sentences

# Not settings, but about the version.
_ABOUT = ("version", "published")


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """A sentence that differs, as each version says it; None where one does not say it at all."""

    subject: str
    before: str | None
    after: str | None


def changed_sentences(before: Policy, after: Policy, locale: str) -> Sequence[Changed]:
    """The sentences that differ, in the order in which the later version says them, then those that it says no more."""
    old, new = _said(before, locale), _said(after, locale)
    plain, plain_after = plain_of(before), plain_of(after)
    found = []
    for key in [*new, *(key for key in old if key not in new)]:
        was, will = old.get(key), new.get(key)
        words = was[1].in_words(plain, locale) if was else None
        words_after = will[1].in_words(plain_after, locale) if will else None
        if words != words_after:
            found.append(Changed(subject=(will or was or ("",))[0], before=words, after=words_after))
    return found


def differences(before: Policy, after: Policy) -> list[tuple[str, str, str]]:
    """What differs between two versions: the place, the value before and after (empty where there was none)."""
    return _differences(plain_of(before), plain_of(after))


def unsaid_differences(before: Policy, after: Policy, locale: str) -> list[tuple[str, str, str]]:
    """Those of the differences that no sentence says."""
    plain, plain_after = plain_of(before), plain_of(after)
    for said in sentences(after, locale).values():
        for sentence in said:
            for blank in sentence.blanks.values():
                value = blank.value(plain_after)
                # Into both: what one of them leaves unsaid is no difference.
                put(plain, blank.path, value)
                put(plain_after, blank.path, value)
    return _differences(plain, plain_after)


def flat(value: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """Every setting with its place, as JSON writes it."""
    if isinstance(value, Mapping) and value:
        for name, each in value.items():
            yield from flat(each, f"{place}.{name}" if place else str(name))
    elif isinstance(value, (list, tuple)) and value and isinstance(value[0], Mapping):
        for number, each in enumerate(value, start=1):
            yield from flat(each, f"{place}[{number}]")
    else:
        yield place, json.dumps(value, ensure_ascii=False).strip('"')


def _said(policy: Policy, locale: str) -> Mapping[Any, tuple[str, Sentence]]:
    return {
        sentence.key: (subject, sentence) for subject, said in sentences(policy, locale).items() for sentence in said
    }


def _differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    old, new = (
        dict(flat({name: value for name, value in plain.items() if name not in _ABOUT})) for plain in (before, after)
    )
    places = sorted(old.keys() | new.keys())
    return [(at, old.get(at, ""), new.get(at, "")) for at in places if old.get(at) != new.get(at)]
