"""Errors a person can act on: a stable code, a sentence in their language, and the facts behind it.

The service turns them into a page or into the API's one error shape `{"code", "message", "details"}`.
"""

from typing import Any

from chizheng.kernel.i18n import _


class ChizhengError(Exception):
    """What is wrong, where, and what to do. `details` must be JSON-shaped and free of secrets."""

    status = 400

    def __init__(self, code: str, message: str, details: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details = details or {}


class Invalid(ChizhengError):
    """The input breaks a rule. `errors` maps a field's name to its sentence."""

    status = 422

    def __init__(self, message: str, *, code: str = "invalid", **errors: str) -> None:
        super().__init__(code, message, {"errors": errors} if errors else {})
        self.errors = errors


class Conflict(ChizhengError):
    """The input is well-formed, but what is already there forbids it."""

    status = 409


class NotFound(ChizhengError):
    """There is no such thing, or not for this person: the two look the same from outside."""

    status = 404

    def __init__(self, what: str) -> None:
        super().__init__("not_found", _("没有找到%(what)s，或不在您的管辖范围内", what=what))


class Forbidden(ChizhengError):
    """The person lacks a permission."""

    status = 403

    def __init__(self, permission: str) -> None:
        super().__init__("forbidden", _("您的角色没有这项权限"), {"permission": permission})


class NotLoggedIn(ChizhengError):
    """Nobody is logged in, or the session has ended."""

    status = 401

    def __init__(self) -> None:
        super().__init__("not_logged_in", _("请先登录"))
