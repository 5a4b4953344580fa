"""How odds are learned, as far as a policy says: how strongly what is little known leans on what is known better, and
how fast answers fade (learned.py has the rest)."""

from dataclasses import dataclass, fields

# Neither a prior nor a memory is of more than so many answers, or months.
MOST = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Learning:
    """As how many answers the business's table counts for a platform, and a platform for a seller; in how many months
    an answer loses half its weight. Each is 1 to MOST."""

    table_strength: int = 8
    platform_strength: int = 8
    half_life: int = 6

    def __post_init__(self) -> None:
        """Refuse what nothing could be learned by. Raises ValueError."""
        said = {each.name: getattr(self, each.name) for each in fields(self)}
        wrong = [name for name, value in said.items() if not 1 <= value <= MOST]
        if wrong:
            raise ValueError(f"{', '.join(wrong)}: 1 to {MOST}")
