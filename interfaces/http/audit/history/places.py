"""Where in the log, as questions name it."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field

from infrastructure.audit.places import NOW, PLACE_PATTERN
from interfaces.http.audit.trail import STREAM_PATTERN

PlaceText = Annotated[
    str,
    Field(
        pattern=PLACE_PATTERN,
        description="A position, `now`, a day (`@2026-10-31`: as it ended in the tenant's time"
        " zone), or a moment (`@2026-10-31T12:00+03:00`)",
        examples=["@2026-10-31", "4711"],
    ),
]
StreamName = Annotated[str, Field(pattern=STREAM_PATTERN, examples=["wallet-wal_01k3xq8m5w"])]
LATEST = NOW


class PlaceView(BaseModel):
    """The last event that counts, and when it was recorded; 0 before the first."""

    position: int
    recorded_at: datetime | None
