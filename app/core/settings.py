"""What an operator may set: environment variables beginning with `PALM_`."""

from datetime import timedelta
from functools import cache
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

Absolute = Annotated[Path, AfterValidator(lambda path: path.expanduser().absolute())]


def _listed(value: Any) -> Any:
    """What stands between the commas."""
    if isinstance(value, str):
        return [part for part in map(str.strip, value.split(",")) if part]
    return value


def _network(value: str) -> str:
    return str(ip_network(value))


Networks = Annotated[
    frozenset[Annotated[str, AfterValidator(_network)]], NoDecode, BeforeValidator(_listed)
]
Ports = Annotated[
    frozenset[Annotated[int, Field(ge=1, le=65535)]], NoDecode, BeforeValidator(_listed)
]


class Settings(BaseSettings):
    """One process's settings. Secrets are `SecretStr`, so no repr or log shows them."""

    model_config = SettingsConfigDict(env_prefix="PALM_", extra="ignore")

    data_dir: Absolute = Path("data")
    """Photos, keys, and the embedded database live under it."""
    database_url: SecretStr | None = None
    """`postgresql://…` of a server from version 15 on; unset starts the embedded one."""
    secret_keys: SecretStr | None = None
    """Keyring for encrypted columns, `1:base64,2:base64`; unset keeps one under `data_dir`."""
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 8000
    public_url: str | None = None
    """How people reach us from outside, for links in messages; without a slash at the end."""
    wechat_api: str = "https://api.weixin.qq.com"
    weibo_api: str = "https://api.weibo.com"
    outbound_allow: Networks = frozenset()
    """`127.0.0.0/8,10.1.2.0/24`: networks that are not public, where addresses given by staff may
    lead all the same: a robot of one's own, the sandbox."""
    outbound_ports: Ports = frozenset()
    """`8011,9000`: ports such addresses may have beside 80 and 443."""
    smtp_url: SecretStr | None = None
    """`smtp://user:password@host:587` with STARTTLS where the server has it, `starttls://…` only
    with it, `smtps://…` with TLS from the beginning; unset sends no mail."""
    mail_from: str = "Palm Community <noreply@localhost>"
    messages_kept: timedelta = timedelta(days=190)
    """How long what people wrote is kept: six months at least, 互联网群组信息服务管理规定 2017."""
    pool_size: Annotated[int, Field(ge=2, le=200)] = 20
    worker_concurrency: Annotated[int, Field(ge=1, le=200)] = 10
    log_format: Literal["json", "text"] = "json"
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @property
    def base_url(self) -> str:
        """The address that links in messages begin with."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")


@cache
def settings() -> Settings:
    """The settings of this process, read once; tests call `settings.cache_clear()`."""
    return Settings()
