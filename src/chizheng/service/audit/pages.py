"""The audit log: read, searched, and held to account."""

from collections.abc import Mapping
from typing import Any

from litestar import get, post

from chizheng.kernel.access import Permission, requires
from chizheng.kernel.audit.chain import Fault
from chizheng.kernel.audit.queries import Filter, list_entries
from chizheng.kernel.errors import Invalid
from chizheng.kernel.i18n import _
from chizheng.kernel.web import Redirect, Request, Template, form, parse_form, redirect, render
from chizheng.service.audit.labels import ACTION_NAMES, FAULT_NAMES
from chizheng.service.audit.queries import names_of
from chizheng.service.audit.verifying import verified
from chizheng.service.audit.wording import ids_in, told


@get("/audit", **requires(Permission.AUDIT_READ))
async def list_page(request: Request) -> Template:
    """Who did what, when and from where, the latest first."""
    typed = dict(request.query_params)
    chosen, error = Filter(), None
    try:
        chosen = parse_form(Filter, typed, _action_fault)
    except Invalid as found:
        error = found
    number = int(typed["page"]) if typed.get("page", "").isdecimal() and len(typed["page"]) < 9 else 1
    actions = [(code, _(name)) for code, name in ACTION_NAMES.items()]
    entries = await list_entries(chosen, number)
    subjects = [entry.subject_id for entry in entries.items if entry.subject_id]
    known = await names_of([*subjects, *(one for entry in entries.items for one in ids_in(entry.changes))])
    return render(
        request,
        "audit/list.html",
        status=422 if error else 200,
        entries=entries,
        subject=lambda entry: known.get(entry.subject_id, ""),
        words=lambda entry: told(entry.changes, known),
        form=form(typed, error),
        query={name: value for name, value in typed.items() if name != "page"},
        actions=[("", _("全部")), *actions],
    )


@post("/audit/verify", status_code=200, **requires(Permission.AUDIT_READ))
async def verify_log(request: Request) -> Redirect:
    """Walks the whole chain and says whether it is whole."""
    faults, _count = await verified()
    if not faults:
        return redirect("/audit", _("审计记录完整，没有改动、缺失或错序"))
    return redirect(
        "/audit",
        _("审计记录有 %(count)s 处不符：%(first)s", count=len(faults), first=_told(faults[0])),
        "error",
    )


def _action_fault(known: Mapping[str, Any]) -> dict[str, str]:
    return {} if known.get("action", "") in ("", *ACTION_NAMES) else {"action": _("请从列表中选择")}


def _told(fault: Fault) -> str:
    return _("第 %(seq)s 条%(kind)s", seq=fault.seq, kind=_(FAULT_NAMES[fault.kind]))


ROUTES = [list_page, verify_log]
