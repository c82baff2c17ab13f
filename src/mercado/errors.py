"""Every error that Mercado raises on purpose, named by what the operator does about it.

::

    MercadoError
    ├── ConfigurationError            fix a setting: it is missing, a known default, or contradicts another
    │   ├── PortTakenError            free the port or choose another
    │   ├── SchemaOutdatedError       run `mercado migrate`
    │   └── PlatformRunningError      stop the platform first
    ├── SourceError                   something outside the platform
    │   ├── SourceUnavailableError    wait: it is retried
    │   ├── SourceForbiddenError      the source refuses this location or address: choose another base URL
    │   └── SourceContractError       the source changed, or answered nonsense: fix the reader; fails at once
    │       ├── ImpossibleCandleError a candle breaks a rule of candles
    │       └── RejectedRowsError     too many rows of an answer break a rule: read ops.rejected_rows
    ├── RejectedFileError             a dropped workbook cannot be loaded: read the report beside it in quarantine
    ├── MixedOriginError              data of two origins (real, simulated, another exchange) would be mixed
    ├── LoadInProgressError           another process loads the same series: let it end
    ├── BackupInProgressError         another process makes or restores a backup: let it end
    ├── DamagedBackupError            a backup is not whole: names the file; use another backup
    ├── StorageFullError              free some disk space and run again
    ├── ServiceUnavailableError       a service of the platform itself does not answer: see `mercado doctor`
    ├── ServiceRefusedError           a service of the platform itself refuses what is asked; not tried again
    ├── StaleDataError                nothing new came though it was due: look at the source, and at ops.loads
    ├── NotEnoughDataError            download more candles first
    ├── InvalidQueryError             stored rows are asked for in a way that cannot be answered: names the parameter
    ├── InvalidCandlesError           candles given for a forecast break a rule: names the field and the candle
    └── ModelNotReadyError            no model can be served: train one, or read why none was promoted

A message says what was expected, what came, where, and what to do.
"""

from collections.abc import Sequence


class MercadoError(Exception):
    """Base of all errors raised on purpose; its message is one clear line for a person."""


class ConfigurationError(MercadoError):
    """A setting is missing, a known default, or contradicts another."""


class PortTakenError(ConfigurationError):
    """A port that a service needs is in use."""


class SchemaOutdatedError(ConfigurationError):
    """The warehouse's schema is not the one that this version of the code needs."""


class PlatformRunningError(ConfigurationError):
    """What was asked replaces what services work with, and they run; the message says how to stop them."""


class SourceError(MercadoError):
    """Base of the errors about sources outside the platform."""


class SourceUnavailableError(SourceError):
    """The source does not answer, or asks to wait; trying again later may help."""


class SourceForbiddenError(SourceError):
    """The source refuses this location or address; trying again does not help, another base URL may."""


class SourceContractError(SourceError):
    """The source answered something that its contract does not allow; trying again does not help."""


class ImpossibleCandleError(SourceContractError):
    """A candle breaks a rule that every candle obeys, such as ``low <= close <= high``."""


class RejectedRowsError(SourceContractError):
    """More rows of an answer break a rule than may; production is as it was, ``ops.rejected_rows`` has them."""


class RejectedFileError(MercadoError):
    """A dropped file cannot be loaded; trying the same bytes again helps only after the reader was mended.

    Attributes:
        problems: What is wrong with it, one line each, for its report.
    """

    def __init__(self, message: str, *, problems: Sequence[object] = ()) -> None:
        super().__init__(message)
        self.problems = tuple(problems)


class MixedOriginError(MercadoError):
    """A series would hold data of two origins: real and simulated, or two exchanges."""


class LoadInProgressError(MercadoError):
    """Another process is loading the same series."""


class BackupInProgressError(MercadoError):
    """Another process makes a backup into the same folder, or restores one into the same databases."""


class DamagedBackupError(MercadoError):
    """A backup lacks a file, or holds one that is not as it was written; the message names it."""


class StorageFullError(MercadoError):
    """The disk is full; nothing half-written was left behind."""


class ServiceUnavailableError(MercadoError):
    """A service of the platform itself (PostgreSQL, MLflow, Airflow) does not answer."""


class ServiceRefusedError(MercadoError):
    """A service of the platform itself answers, and refuses what is asked; trying again does not help."""


class StaleDataError(MercadoError):
    """The newest day of a source is older than its publication calendar allows; the message names it."""


class NotEnoughDataError(MercadoError):
    """There are too few candles for what was asked."""


class InvalidQueryError(MercadoError):
    """Stored rows are asked for in a way that cannot be answered.

    Attributes:
        field: The parameter at fault, such as ``cursor``.
    """

    def __init__(self, message: str, *, field: str) -> None:
        super().__init__(message)
        self.field = field


class InvalidCandlesError(MercadoError):
    """Candles given for a forecast break a rule; the message names the field and the candle.

    Attributes:
        field: The column at fault, such as ``close``.
        position: Zero-based position of the candle, or ``None`` when the whole column is at fault.
    """

    def __init__(self, message: str, *, field: str, position: int | None = None) -> None:
        super().__init__(message)
        self.field = field
        self.position = position


class ModelNotReadyError(MercadoError):
    """No model can be served now; the message says why."""
