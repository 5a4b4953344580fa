"""The contract for people: /docs, shown by Swagger UI (swagger/, packed by infra/swagger.py); without scripts, as a
list."""

import gzip
from functools import cache
from importlib import resources
from itertools import groupby

from chalice.app import Blueprint, Response

from chalicelib.edge.cors import READ
from chalicelib.edge.route import ROUTES
from chalicelib.pages.page import Visit, page

bp = Blueprint(__name__)

# Apart from what every page brings: only who reads the contract pays for unpacking them.
FILES = ("swagger-ui-bundle.js", "swagger-ui.css")


@bp.route("/docs", methods=READ)
@page(bp)
def docs(visit: Visit) -> Response:
    """Every operation, to read and to try."""
    subjects = groupby(ROUTES.values(), key=lambda route: route.subject.rpartition(".")[2])
    return visit.page(
        "contract.html.j2",
        subjects=[(name.replace("_", " "), list(routes)) for name, routes in subjects],
        mark=_packed("VERSION").decode().strip(),
    )


@cache
def unpacked(name: str) -> str:
    """One of FILES as text: API Gateway packs it again for who can unpack it."""
    return gzip.decompress(_packed(f"{name}.gz")).decode()


def _packed(name: str) -> bytes:
    return (resources.files("chalicelib.pages") / "swagger" / name).read_bytes()
