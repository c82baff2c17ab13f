"""Settings of the API, from the environment or from ``.env``."""

from ipaddress import ip_network

from pydantic import Field, SecretStr, ValidationInfo, field_validator

from mercado.registry import FORECASTER_MODEL
from mercado.settings import AuthSwitch, PostgresUrl, SeriesSettings, TrackingSettings, postgres_url


class ApiSettings(SeriesSettings):
    """Which models are served, and where the warehouse is.

    Attributes:
        model: Name of the registered model whose alias ``champion`` is served when a request names no series.
        models_in_memory: Most models in memory at once, that one included.
        poll_seconds: How often the alias is looked up, in seconds.
        url: The warehouse as seen by the API (role ``api_reader``); has precedence over password and port.
        password: Of the role ``api_reader`` on the platform's own server.
        port: Of that server, on 127.0.0.1.
        database: The warehouse's database on that server.
        key: Asked for by every endpoint but health and the documentation, unless authentication is switched off.
        auth: Whether it is on or off; when nothing is said, a key is asked for if there is one.
        requests_per_minute: Allowed for each client address; 0: no limit.
        webhook_secret: Of MLflow's webhook; without one the API has no such endpoint.
        otlp_endpoint: OpenTelemetry collector that traces are sent to; none when it is empty.
        cors_origins: Origins whose pages may ask from a browser, separated by commas; none by default.
        trusted_proxies: Addresses and networks of the proxies whose X-Forwarded-For is believed, separated by commas;
            none by default.
    """

    model: str = Field(default=FORECASTER_MODEL, alias="MERCADO_API_MODEL", min_length=1)
    models_in_memory: int = Field(default=8, alias="MERCADO_API_MODELS_IN_MEMORY", ge=1, le=1000)
    poll_seconds: float = Field(default=5, alias="MERCADO_API_POLL_SECONDS", ge=0.1, le=3600)
    url: PostgresUrl | None = Field(default=None, alias="MERCADO_API_WAREHOUSE_URL")
    password: SecretStr | None = Field(default=None, alias="API_READER_PASSWORD")
    port: int = Field(default=5432, alias="POSTGRES_PORT", gt=0, lt=65536)
    database: str = Field(default="warehouse_db", alias="POSTGRES_DB_WAREHOUSE")
    key: SecretStr | None = Field(default=None, alias="MERCADO_API_KEY", min_length=16)
    auth: AuthSwitch | None = Field(default=None, alias="MERCADO_AUTH")
    requests_per_minute: int = Field(default=0, alias="MERCADO_API_REQUESTS_PER_MINUTE", ge=0)
    webhook_secret: SecretStr | None = Field(default=None, alias="MERCADO_API_WEBHOOK_SECRET", min_length=16)
    otlp_endpoint: str | None = Field(default=None, alias="OTEL_EXPORTER_OTLP_ENDPOINT")
    cors_origins: str = Field(default="", alias="MERCADO_API_CORS_ORIGINS")
    trusted_proxies: str = Field(default="", alias="MERCADO_API_TRUSTED_PROXIES")

    @field_validator("auth")
    @classmethod
    def _has_a_key(cls, stated: AuthSwitch | None, info: ValidationInfo) -> AuthSwitch | None:
        if stated == "on" and info.data.get("key", "refused already") is None:
            raise ValueError("it is on, and MERCADO_API_KEY is not set: run `make env`, which adds one")
        return stated

    @field_validator("trusted_proxies")
    @classmethod
    def _names_addresses(cls, stated: str) -> str:
        for part in _parts(stated):
            try:
                ip_network(part)
            except ValueError as error:
                raise ValueError(
                    "expected addresses or networks separated by commas, such as 127.0.0.1,172.16.0.0/12"
                ) from error
        return stated

    def proxies(self) -> list[str]:
        """Return the addresses and networks of the proxies that are believed."""
        return _parts(self.trusted_proxies)

    def asked_key(self) -> SecretStr | None:
        """Return the key that requests must bring, or ``None`` when everybody may ask."""
        return None if self.auth == "off" else self.key

    def allowed_origins(self) -> list[str]:
        """Return the origins that may ask from a browser."""
        return _parts(self.cors_origins)

    def warehouse_url(self) -> SecretStr | None:
        """Return the warehouse's URL, or ``None`` when neither it nor the password is set: POST works without."""
        if self.url is not None or self.password is None:
            return self.url
        return postgres_url(user="api_reader", password=self.password, port=self.port, database=self.database)


def _parts(stated: str) -> list[str]:
    return [stripped for part in stated.split(",") if (stripped := part.strip())]


def tracking() -> TrackingSettings:
    """Return where MLflow is."""
    return TrackingSettings.read()
