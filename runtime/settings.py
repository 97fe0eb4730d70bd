"""What a process of ours is told from outside: `AFTERSALES_*` variables, nothing else."""

from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from domain.policy import Policy, parse

SAMPLE_SECRETS = frozenset({"change-me", "changeme", "secret", "sk_sample", "whsec_sample"})


class Settings(BaseSettings):
    """Values of `AFTERSALES_<NAME>`. Secrets do not show in `repr`, logs or errors."""

    model_config = SettingsConfigDict(env_prefix="AFTERSALES_", frozen=True, extra="ignore")

    database_url: SecretStr | None = None
    data: Path = Path(".aftersales")
    policy: Path | None = None

    api_url: str = "http://127.0.0.1:8000"
    api_host: str = "127.0.0.1"
    api_port: int = 8000
    token: SecretStr | None = None

    temporal: str = "127.0.0.1:7233"
    temporal_namespace: str = "default"
    temporal_ui_url: str = "http://127.0.0.1:8233"

    stripe_api_base: str | None = None
    stripe_api_key: SecretStr = SecretStr("sk_test_sandbox")
    stripe_webhook_secret: SecretStr = SecretStr("whsec_sandbox")
    checkout_return_url: str = "https://shop.example/"
    """The shop's page to which a buyer comes back from paying a bill."""
    bank_api_base: str | None = None
    bank_api_key: SecretStr = SecretStr("sk_test_sandbox")
    carrier_api_base: str | None = None
    carrier_api_key: SecretStr = SecretStr("sk_test_sandbox")
    carrier_webhook_secret: SecretStr = SecretStr("whsec_sandbox")
    karrio_carrier: str | None = None
    karrio_credentials: SecretStr = SecretStr("{}")
    karrio_service: str = ""
    karrio_parcel_kg: float = 1.0
    karrio_api_base: str | None = None
    repair_shop_api_base: str | None = None
    repair_shop_api_key: SecretStr = SecretStr("sk_test_sandbox")
    sandbox_url: str | None = None
    photos_url: Annotated[str, Field(pattern=r"^(file:///|s3://[^/]+)")] | None = None
    """`file:///folder` or `s3://bucket/prefix`; else in `data`. API and worker: the same."""
    photos_s3_endpoint: str | None = None
    photos_s3_region: str | None = None
    photos_s3_key_id: SecretStr | None = None
    photos_s3_secret_key: SecretStr | None = None

    revocations: Path | None = None
    """Where revoked tokens are written down beside the database, so that no backup revives them."""

    production: bool = False
    raw_signals: bool = False
    """Whether signals that people send to Temporal by hand count. API and worker: the same."""

    @property
    def photos_place(self) -> str:
        return self.photos_url or (self.data / "photos").resolve().as_uri()

    @property
    def photos_s3(self) -> dict[str, str]:
        """What is said about S3, by the names that its client has for it."""
        key, secret = self.photos_s3_key_id, self.photos_s3_secret_key
        told = {
            "endpoint": self.photos_s3_endpoint,
            "region": self.photos_s3_region,
            "access_key_id": key and key.get_secret_value(),
            "secret_access_key": secret and secret.get_secret_value(),
        }
        return {name: value for name, value in told.items() if value}

    def workflow_url(self, workflow_id: str) -> str:
        """Where an operator looks at this workflow."""
        base, namespace = self.temporal_ui_url.rstrip("/"), quote(self.temporal_namespace, safe="")
        return f"{base}/namespaces/{namespace}/workflows/{quote(workflow_id, safe='')}"


@cache
def settings() -> Settings:
    """The settings of this process, read once."""
    return Settings()


def policy(source: Path | None) -> Policy:
    """The policy in this file, or the one we ship. Raises ValueError or OSError in one line."""
    text = (source or files("domain") / "policy.toml").read_text(encoding="utf-8")
    return parse(text)
