"""The blueprint that all pages share: one, because a page must know its request wherever it is rendered."""

from chalice.app import Blueprint

bp = Blueprint(__name__)
