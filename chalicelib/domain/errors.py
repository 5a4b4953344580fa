"""The few ways in which Batal says no. Each carries a stable code; one table at the edge maps codes to HTTP."""


class BatalError(Exception):
    """A refusal with a stable `code`; `details` are the facts a person or a program needs to mend the request."""

    def __init__(self, code: str, **details: object) -> None:
        super().__init__(code)
        self.code = code
        self.details = details


class Invalid(BatalError):
    """The request contradicts itself or the catalogue: the world need not be looked at to see it."""


class NotFound(BatalError):
    """There is no such thing, or it belongs to somebody else."""

    def __init__(self, what: str) -> None:
        super().__init__("not_found", what=what)


class Forbidden(BatalError):
    """This role may never do this."""

    def __init__(self, role: str, command: str) -> None:
        super().__init__("forbidden", role=role, command=command)


class Refused(BatalError):
    """The request is well formed, but the order or the case stands in its way."""


class Conflict(BatalError):
    """Somebody else wrote first: read again and decide again."""

    def __init__(self, what: str) -> None:
        super().__init__("conflict", what=what)


class Unavailable(BatalError):
    """A part of the platform did not answer; nothing was decided, the caller may try again."""

    def __init__(self, what: str) -> None:
        super().__init__("try_again", what=what)
