"""Settings of the API, from the environment or from ``.env``."""

from pydantic import Field, SecretStr

from mercado.registry import FORECASTER_MODEL
from mercado.settings import EnvSettings, PostgresUrl, TrackingSettings, postgres_url


class ApiSettings(EnvSettings):
    """Which model is served, and where the warehouse is.

    Attributes:
        model: Name of the registered model whose alias ``champion`` is served.
        poll_seconds: How often the alias is looked up, in seconds.
        url: The warehouse as seen by the API (role ``api_reader``); has precedence over password and port.
        password: Of the role ``api_reader`` on the platform's own server.
        port: Of that server, on 127.0.0.1.
        database: The warehouse's database on that server.
    """

    model: str = Field(default=FORECASTER_MODEL, alias="MERCADO_API_MODEL", min_length=1)
    poll_seconds: float = Field(default=5, alias="MERCADO_API_POLL_SECONDS", ge=0.1, le=3600)
    url: PostgresUrl | None = Field(default=None, alias="MERCADO_API_WAREHOUSE_URL")
    password: SecretStr | None = Field(default=None, alias="API_READER_PASSWORD")
    port: int = Field(default=5432, alias="POSTGRES_PORT", gt=0, lt=65536)
    database: str = Field(default="warehouse_db", alias="POSTGRES_DB_WAREHOUSE")

    def warehouse_url(self) -> SecretStr | None:
        """Return the warehouse's URL, or ``None`` when neither it nor the password is set: POST works without."""
        if self.url is not None or self.password is None:
            return self.url
        return postgres_url(user="api_reader", password=self.password, port=self.port, database=self.database)


def tracking_uri() -> str:
    """Return the address of the MLflow server."""
    return TrackingSettings.read().resolved_uri()
