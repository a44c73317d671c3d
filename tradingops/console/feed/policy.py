"""The numbers of the live stream."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class StreamPolicy(BaseModel):
    """How the console reads what is said, keeps it, and sends it to screens."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    batch_seconds: float = Field(0.05, ge=0, le=5, description="Least time between two readings [s].")
    poll_seconds: float = Field(2.0, gt=0, le=60, description="Longest time between two readings [s].")
    page: int = Field(2_000, ge=1, le=20_000, description="Most strands of one reading [strands].")
    primed: int = Field(2_000, ge=1, le=20_000, description="Strands of the past a console starts with [strands].")
    ring: int = Field(20_000, ge=100, le=200_000, description="Frames kept for those who come back [frames].")

    settle_seconds: float = Field(
        5.0, ge=0, le=600, description="Least age of a missing number before it is given up [s]."
    )
    most_missing_seconds: float = Field(3_600.0, gt=0, description="Age at which any missing number is given up [s].")
    most_spans: int = Field(64, ge=1, le=1_000, description="Spans of missing numbers asked for one by one [spans].")

    ack_every: int = Field(400, ge=1, description="Frames after which a screen says how far it has come [frames].")
    window: int = Field(8_000, ge=10, description="Unacknowledged frames at which a screen is cut off [frames].")
    beat_seconds: float = Field(10.0, gt=0, le=300, description="Time between two signs of life to a screen [s].")
    check_seconds: float = Field(60.0, gt=0, le=3_600, description="Time between two looks at a screen's login [s].")
    most_letter_bytes: int = Field(8_192, ge=256, description="Longest message a screen may send [bytes].")
    most_letters: int = Field(60, ge=1, description="Messages a screen may send between two looks at its login.")
    most_names: int = Field(100, ge=1, description="Names that one filter may list [names].")

    history: int = Field(200, ge=1, le=2_000, description="Frames of the past that a page opens with [frames].")
    history_span: int = Field(200_000, ge=100, description="How far back the past is searched [numbers].")
    replay: int = Field(5_000, ge=1, le=20_000, description="Most frames replayed from the database [frames].")

    silent_seconds: float = Field(15.0, ge=1, le=600, description="Silence at which a connection counts as lost [s].")
    first_wait_seconds: float = Field(0.1, gt=0, description="Wait before the first try to reconnect [s].")
    most_wait_seconds: float = Field(5.0, gt=0, description="Longest wait between two tries to reconnect [s].")
