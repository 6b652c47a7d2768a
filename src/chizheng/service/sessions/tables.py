"""Sessions."""

from piccolo.columns import Bytea, ForeignKey, OnDelete, Timestamptz, Varchar
from piccolo.table import Table

from chizheng.service.accounts.tables import Account


class Session(Table):
    """A login. Only the SHA-256 of its token is kept; the token itself lives in the browser's cookie."""

    token_hash = Bytea(primary_key=True)
    account = ForeignKey(Account, null=False, on_delete=OnDelete.cascade, index=True)
    created_at = Timestamptz()
    seen_at = Timestamptz()
    expires_at = Timestamptz()
    address = Varchar(64, default="")
    agent = Varchar(200, default="")
