"""Which platform does a command work on?

The one on the folder that `--data` names, with the gateways that its `up` was told of; else the
one that AFTERSALES_DATABASE_URL or AFTERSALES_API_URL describes, with the variables beside them;
else the one on `.aftersales`.
"""

from dataclasses import dataclass
from pathlib import Path

from ops.failures import Failed
from runtime.data_folder import gateways
from runtime.endpoints import endpoints
from runtime.settings import Settings, settings


@dataclass(frozen=True)
class Target:
    """A running platform's addresses. `folder` is None where the environment described it."""

    folder: Path | None
    database_url: str | None
    api: str
    temporal: str
    temporal_ui: str
    sandbox: str | None
    stripe: str | None
    """The gateway's address, without `/v1`."""
    bank: str | None
    carrier: str | None
    repair_shop: str | None

    @property
    def database(self) -> str:
        """Raises Failed where nobody told."""
        if self.database_url is None:
            raise Failed("set AFTERSALES_DATABASE_URL, or name the platform's folder by --data")
        return self.database_url

    @property
    def parties_in_sandbox(self) -> list[str]:
        """What the sandbox does here: the ways of payouts whose money it moves (`original`,
        `bank_card`), `carrier` and `repair_shop`.
        """
        parties = {
            "original": self.stripe,
            "bank_card": self.bank,
            "carrier": self.carrier,
            "repair_shop": self.repair_shop,
        }
        return [party for party, base in parties.items() if self.sandbox and base == self.sandbox]


def find(data: Path | None) -> Target:
    """The platform to work on. Raises NotRunning if its folder has none."""
    config = settings()
    told = config.database_url is not None or "api_url" in config.model_fields_set
    return _described(config) if data is None and told else _running(data or config.data, config)


def _running(folder: Path, config: Settings) -> Target:
    """Its parties are those that `up` was told of, whatever this terminal is told."""
    found = endpoints(folder)
    return Target(
        folder=folder,
        database_url=found.database,
        api=found.api,
        temporal=found.temporal,
        temporal_ui=found.temporal_ui,
        sandbox=found.sandbox,
        **{**_parties(config, found.sandbox), **gateways(folder)},
    )


def _described(config: Settings) -> Target:
    url = config.database_url
    return Target(
        folder=None,
        database_url=url.get_secret_value() if url else None,
        api=config.api_url.rstrip("/"),
        temporal=config.temporal,
        temporal_ui=config.temporal_ui_url,
        sandbox=config.sandbox_url,
        **_parties(config, config.sandbox_url),
    )


def _parties(config: Settings, sandbox: str | None) -> dict[str, str | None]:
    return {
        "stripe": config.stripe_api_base or sandbox,
        "bank": config.bank_api_base or sandbox,
        "carrier": None if config.karrio_carrier else config.carrier_api_base or sandbox,
        "repair_shop": config.repair_shop_api_base or sandbox,
    }
