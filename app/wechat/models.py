"""WeChat service accounts, their secrets, and the access tokens all processes share."""

from datetime import datetime
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.clock import now
from app.core.crypto import Encrypted
from app.core.database import Table, Tenant, belongs
from app.wechat.edge import Keys, Mode


class Account(Tenant, Table):
    """A service account (服务号) that a community is reached by."""

    __tablename__ = "wechat_accounts"
    __table_args__ = (UniqueConstraint("app_id"),)

    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    app_id: Mapped[str]
    original_id: Mapped[str | None]
    mode: Mapped[Mode] = mapped_column(default=Mode.SAFE)
    app_secret: Mapped[str] = mapped_column(Encrypted("wechat_accounts.app_secret"))
    token: Mapped[str] = mapped_column(Encrypted("wechat_accounts.token"))
    aes_key: Mapped[str | None] = mapped_column(Encrypted("wechat_accounts.aes_key"))
    previous_aes_key: Mapped[str | None] = mapped_column(
        Encrypted("wechat_accounts.previous_aes_key")
    )
    templates: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Which template message serves which purpose, and its fields in the order they are filled:
    `{"request.progress": {"template_id": "…", "fields": ["first", "keyword1"]}}`."""
    created_at: Mapped[datetime] = mapped_column(default=now)

    @property
    def keys(self) -> Keys:
        """What the callback's protocol needs of this account."""
        return Keys(
            app_id=self.app_id,
            token=self.token,
            aes_key=self.aes_key or "",
            previous_aes_key=self.previous_aes_key or "",
            original_id=self.original_id or "",
            mode=self.mode,
        )


class AccessToken(Tenant, Table):
    """The access token in force for an account; its id is the account's."""

    __tablename__ = "wechat_tokens"
    __table_args__ = (belongs("id", "wechat_accounts"),)

    access_token: Mapped[str | None] = mapped_column(Encrypted("wechat_tokens.access_token"))
    expires_at: Mapped[datetime | None]
    forced_at: Mapped[datetime | None]
    """When WeChat was last made to replace a token that it still called good."""
