"""Policy profiles: an operator's own from the store, else the ones shipped with the domain."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

import msgspec

from chalicelib.adapters.dynamodb.lists import cursor_of, key_of
from chalicelib.domain.errors import Refused
from chalicelib.domain.policies.drafts import faults_of
from chalicelib.domain.policies.policy import Policy
from chalicelib.domain.ports import PAGE, Page, Store

# How long a Lambda may go on with the current version after an operator changed it, in seconds of real time.
_FRESH = 30.0


# An operator's profile of this name is that of every platform without one. None is shipped.
DEFAULT = "default"


def shipped(name: str) -> Policy | None:
    """The profile shipped under this name, or None. Raises ValueError for one whose amounts cannot be meant."""
    if not name.isidentifier():
        return None
    path = resources.files("chalicelib.domain.policies") / "profiles" / f"{name}.json"
    return profile_of(path.read_bytes()) if path.is_file() else None


@cache
def profile_of(written: bytes) -> Policy:
    """The profile that a file holds. Raises ValueError naming each field whose amount cannot be meant."""
    policy = msgspec.json.decode(written, type=Policy)
    if faults := faults_of(msgspec.json.decode(written)):
        raise ValueError("; ".join(f"{policy.name}: {place}: {why}" for place, why in faults))
    return policy


@dataclass(slots=True, kw_only=True)
class CachedPolicies:
    """Reads through: versions never change and are kept for good, the current one for half a minute."""

    store: Store
    real_time: Callable[[], float] = time.monotonic
    _current: dict[str, tuple[float, Policy]] = field(default_factory=dict)
    _versions: dict[tuple[str, int], Policy] = field(default_factory=dict)

    def names(self) -> Sequence[str]:
        """Every platform that has a profile."""
        ours = (resources.files("chalicelib.domain.policies") / "profiles").iterdir()
        return sorted({each.name.removesuffix(".json") for each in ours} | set(self.store.policy_names()))

    def page_of_names(self, *, limit: int = PAGE, cursor: str | None = None) -> Page[str]:
        """The same, page by page. Raises Invalid `bad_cursor`."""
        start = key_of(cursor, ("policy",))
        left = [name for name in self.names() if start is None or name > start["policy"]]
        more = len(left) > limit
        return Page(items=left[:limit], next_cursor=cursor_of({"policy": left[limit - 1]}) if more else None)

    def knows(self, platform: str) -> bool:
        """Whether orders of this platform have a policy to live by. Reads nothing for those that are shipped."""
        if shipped(platform) is not None or platform in self._current:
            return True
        return any(self.store.policy(name, None) for name in (platform, DEFAULT))

    def current(self, platform: str) -> Policy:
        """The current version for a platform; where it has none, of the operator's own profile DEFAULT. Raises Refused
        `policy_forbids` where there is none either."""
        read_at, policy = self._current.get(platform, (float("-inf"), None))
        if policy is None or self.real_time() - read_at > _FRESH:
            policy = self.store.policy(platform, None) or shipped(platform) or self.store.policy(DEFAULT, None)
            if policy is None:
                raise Refused("policy_forbids", platform=platform)
            self._current[platform] = (self.real_time(), policy)
            self._versions[policy.name, policy.version] = policy
        return policy

    def version(self, name: str, version: int) -> Policy:
        """That very version."""
        known = self._versions.get((name, version))
        if known is None:
            own = shipped(name)
            known = own if own and own.version == version else self.store.policy(name, version)
            if known is None:
                raise Refused("policy_forbids", policy=f"{name} v{version}")
            self._versions[name, version] = known
        return known
