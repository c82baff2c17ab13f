"""Loads, what was rejected or refused, and the state of every source."""

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from fastapi_app.answers.prices import Dataset
from fastapi_app.model_answers import Answer

Source = Literal["binance", "sipsa", "landing"]
LoadStatus = Literal["running", "succeeded", "failed", "abandoned"]
FileStatus = Literal["loaded", "refused"]


class Load(Answer):
    """One load: what was asked of a source, what came, what changed."""

    load_id: int = Field(ge=1, description="Its number.", examples=[12])
    source: Source = Field(description="Short name of the source.", examples=["sipsa"])
    scope: str = Field(description="Series or part of the source.", examples=["promediosSipsaCiudad"])
    origin: str = Field(description="The publisher, or `simulator: …`.", examples=["appweb.dane.gov.co"])
    status: LoadStatus = Field(description="`abandoned`: its process died.", examples=["succeeded"])
    answer_count: int = Field(ge=0, description="Raw answers: pages or files.", examples=[1])
    byte_count: int = Field(ge=0, description="Their size, in bytes.", examples=[48213377])
    rows_read: int = Field(ge=0, description="Rows in them.", examples=[383545])
    rows_inserted: int = Field(ge=0, description="Rows that were new.", examples=[1204])
    rows_updated: int = Field(ge=0, description="Rows that changed.", examples=[3])
    rows_unchanged: int = Field(ge=0, description="Rows that were there already, equal.", examples=[382338])
    rows_rejected: int = Field(ge=0, description="Rows that break a rule.", examples=[0])
    notes: list[str] = Field(description="What a person should know though it went on.", examples=[[]])
    error: str | None = Field(description="Why it failed; else null.", examples=[None])
    started_at_utc: datetime = Field(description="When it began.", examples=["2026-11-24T19:30:02Z"])
    finished_at_utc: datetime | None = Field(
        description="When it ended; null: it runs.", examples=["2026-11-24T19:30:44Z"]
    )


class RejectedRow(Answer):
    """A row of a source that breaks a rule; the rest of its load went on."""

    load_id: int = Field(ge=1, description="The load that left it out.", examples=[12])
    source: Source = Field(description="Short name of the source.", examples=["landing"])
    scope: str = Field(description="Series or part of the source.", examples=["weekly 2026-11-07"])
    place: str = Field(description="Position of the item, or sheet and cell.", examples=["1.8!D37"])
    rule: str = Field(description="The rule broken, with what was expected.", examples=["a price above 0"])
    raw_text: str = Field(description="As it came.", examples=["n.d."])
    started_at_utc: datetime = Field(description="When its load began.", examples=["2026-11-24T19:30:02Z"])


class DroppedFile(Answer):
    """What became of a workbook that was dropped into the landing folder."""

    file_sha256: str = Field(description="Digest of its bytes.", examples=["9f86d081884c7d65"])
    file_names: list[str] = Field(description="Names that it came under, the latest last.", examples=[["a.xlsx"]])
    layout: Literal["daily", "weekly"] | None = Field(
        description="Recognised by content; null: none.", examples=["daily"]
    )
    report_date: date | None = Field(description="Day that it is about; of a week the first.", examples=["2026-11-20"])
    last_day: date | None = Field(description="Last day that it is about.", examples=["2026-11-20"])
    status: FileStatus = Field(description="`refused`: none of its rows are stored; see error.", examples=["loaded"])
    rows_read: int = Field(ge=0, description="Rows found in it.", examples=[441])
    rows_inserted: int = Field(ge=0, description="Rows that were new.", examples=[441])
    rows_updated: int = Field(ge=0, description="Rows that changed.", examples=[0])
    rows_unchanged: int = Field(ge=0, description="Rows that were there already, equal.", examples=[0])
    rows_rejected: int = Field(ge=0, description="Cells and rows left out, or that made it refused.", examples=[0])
    notes: list[str] = Field(description="What a person should know.", examples=[[]])
    error: str | None = Field(description="Why it was refused; else null.", examples=[None])
    kept_at: str | None = Field(
        description="Where it is, below the data folder; null until it was moved.", examples=["archive/2026/11/a.xlsx"]
    )
    attempts: int = Field(ge=1, description="How often it was read to be loaded.", examples=[1])
    first_seen_utc: datetime = Field(description="When it was dropped first.", examples=["2026-11-24T19:30:02Z"])
    last_seen_utc: datetime = Field(description="When it was dropped last.", examples=["2026-11-24T19:30:02Z"])
    finished_at_utc: datetime = Field(description="When the last attempt ended.", examples=["2026-11-24T19:30:04Z"])
    removed_at_utc: datetime | None = Field(
        description="When retention removed the quarantined file; null while it is kept.", examples=[None]
    )
    load_id: int = Field(ge=1, description="The load that this tells of.", examples=[12])


class SourceState(Answer):
    """The state of a source, or of a part of it."""

    source: Source = Field(description="Short name.", examples=["sipsa"])
    scope: str | None = Field(
        description="Operation of the service, or series of candles; null: the workbooks together.",
        examples=["promediosSipsaCiudad"],
    )
    dataset: Dataset | None = Field(description="Of food prices; null: it has none.", examples=["city_daily"])
    origin: str | None = Field(description="Of the last load; null: none yet.", examples=["appweb.dane.gov.co"])
    last_load: Load | None = Field(description="The last load, whatever became of it; null: none yet.")
    last_success_at_utc: datetime | None = Field(
        description="When a load last succeeded; null: never.", examples=["2026-11-24T19:30:44Z"]
    )
    newest: datetime | date | None = Field(
        description="Newest day stored, or open time of the newest candle; null: nothing is.", examples=["2026-11-24"]
    )
    fresh: bool | None = Field(
        description="Whether the newest is as new as it should be; null: nothing says, or nothing is stored.",
        examples=[True],
    )
    rule: str = Field(
        description="How old the newest may be.",
        examples=["The newest day is at most 5 days old, by DANE's calendar."],
    )
    rejected_in_last_load: int = Field(ge=0, description="Rows that break a rule.", examples=[0])


class Quality(Answer):
    """The health of the data."""

    checked_at_utc: datetime = Field(description="When it was looked at.", examples=["2026-11-25T08:00:00Z"])
    simulated: bool | None = Field(
        description="Whether the data is a simulator's; null: nothing was loaded yet.", examples=[False]
    )
    sources: list[SourceState] = Field(description="Every source, or part of one.")
    rejected_rows: int = Field(ge=0, description="Rows that all loads together rejected.", examples=[3])
    quarantined_files: int = Field(ge=0, description="Refused workbooks that are kept.", examples=[1])
    missing_candles: int = Field(ge=0, description="Candles that are not there.", examples=[12])
    gap_count: int = Field(ge=0, description="Ranges of missing candles.", examples=[4])
    unmapped_names: int = Field(ge=0, description="Names that no reviewed table knows.", examples=[0])
