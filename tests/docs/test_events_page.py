"""The page on events is what the events say of themselves."""

from chalicelib.domain.cases.events import EventName
from infra.events_page import PAGE, every_event, page


def test_the_page_is_what_the_events_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "python -m infra.events_page writes it anew"


def test_every_name_has_one_event_and_every_event_says_what_to_do() -> None:
    events = every_event()
    assert sorted(each.name for each in events) == sorted(EventName)
    assert [each for each in events if len((each.__doc__ or "").split()) < 6] == []
