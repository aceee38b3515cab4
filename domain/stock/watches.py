"""Who waits for a variant to be there again, and hears of it once."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar

from domain.kernel.events import Personal
from domain.kernel.refusals import NotFound, RuleBroken
from domain.stock.watch_events import (
    WatchAsked,
    WatchBegun,
    WatchConfirmed,
    WatchEnded,
    WatcherNotified,
    WatchEvent,
    WatchingBegun,
)

CONFIRM_WITHIN = timedelta(hours=48)


class WatchNotFound(NotFound):
    """Nobody waits for this variant in this way."""

    code = "stock.watch_not_found"


class StillAvailable(RuleBroken):
    """The variant can be bought now, so nobody has to wait for it."""

    code = "stock.still_available"


class NotBackYet(RuleBroken):
    """The variant is not there, so there is nothing to tell."""

    code = "stock.not_back_yet"


class WatchNotDue(RuleBroken):
    """The watch was confirmed, or can still be."""

    code = "stock.watch_not_due"


class Stage(StrEnum):
    """How far a watch has come."""

    ASKED = "asked"
    WAITING = "waiting"
    NOTIFIED = "notified"
    ENDED = "ended"


class Ending(StrEnum):
    """Why nobody waits any more."""

    UNSUBSCRIBED = "unsubscribed"
    LAPSED = "lapsed"
    TOLD = "told"


@dataclass(frozen=True, slots=True)
class Watching:
    """That somebody watches something in this shop, or once did."""

    CATEGORY: ClassVar[str] = "stock_watching"
    FOLD_VERSION: ClassVar[int] = 1

    begun: bool = True

    @classmethod
    def evolve(cls, state: "Watching | None", event: WatchingBegun) -> "Watching":  # noqa: ARG003 - it happens once
        return cls()


@dataclass(frozen=True, slots=True)
class Watch:
    """One watcher of one variant. A guest's address is sealed for `subject_id`."""

    CATEGORY: ClassVar[str] = "stock_watch"
    FOLD_VERSION: ClassVar[int] = 1

    variant_id: str
    watcher_id: str
    stage: str
    subject_id: str | None = None
    expires_at: datetime | None = None

    @classmethod
    def evolve(cls, state: "Watch | None", event: WatchEvent) -> "Watch":
        if isinstance(event, WatchBegun):
            return cls(event.variant_id, event.watcher_id, Stage.WAITING.value)
        if isinstance(event, WatchAsked):
            return cls(
                event.variant_id,
                event.watcher_id,
                Stage.ASKED.value,
                event.subject_id,
                event.expires_at,
            )
        assert state is not None
        match event:
            case WatchConfirmed():
                return replace(state, stage=Stage.WAITING.value, expires_at=None)
            case WatcherNotified():
                # A customer's watch is over with it; a guest's address is still to be written to.
                over = state.subject_id is None
                return replace(state, stage=(Stage.ENDED if over else Stage.NOTIFIED).value)
            case WatchEnded():
                return replace(state, stage=Stage.ENDED.value, subject_id=None, expires_at=None)
            case _:
                raise AssertionError(event)


def begin_watching(watching: Watching | None) -> tuple[WatchingBegun, ...]:
    """Note that from now on somebody may wait for something."""
    return () if watching is not None else (WatchingBegun(),)


def begin(
    watch: Watch | None, *, variant_id: str, watcher_id: str, product_id: str, available: bool
) -> tuple[WatchBegun, ...]:
    """Let a customer wait; who waits already goes on."""
    if _stage(watch) is Stage.WAITING:
        return ()
    if available:
        raise StillAvailable("the variant can be bought now")
    return (WatchBegun(variant_id, watcher_id, product_id),)


def ask(  # noqa: PLR0913 - the fields of a watch
    watch: Watch | None,
    *,
    variant_id: str,
    watcher_id: str,
    product_id: str,
    subject_id: str,
    email: str,
    locale: str,
    available: bool,
    at: datetime,
) -> tuple[WatchEvent, ...]:
    """Let a guest wait once they confirm; who asks again gets another link, who waits none."""
    if available:
        raise StillAvailable("the variant can be bought now")
    if _stage(watch) in {Stage.WAITING, Stage.NOTIFIED}:
        return ()
    # Of who asks again the address is known already, and stays with the subject it began with.
    subject = watch.subject_id if watch is not None and watch.subject_id else subject_id
    return (
        WatchAsked(
            variant_id,
            watcher_id,
            product_id,
            subject,
            Personal(subject, email),
            locale,
            at + CONFIRM_WITHIN,
        ),
    )


def confirm(watch: Watch | None, *, at: datetime, available: bool) -> tuple[WatchEvent, ...]:
    """Let whoever has the address wait; what came back meanwhile is told at once."""
    if watch is None or watch.stage == Stage.ENDED or _lapsed(watch, at):
        raise WatchNotFound("the link is not good any more; ask for another one")
    if watch.stage != Stage.ASKED:
        return ()
    confirmed = WatchConfirmed(watch.variant_id, watch.watcher_id)
    if not available:
        return (confirmed,)
    return (confirmed, WatcherNotified(watch.variant_id, watch.watcher_id))


def notify(watch: Watch | None, *, available: bool) -> tuple[WatcherNotified, ...]:
    """Tell whoever waits that the variant is there again: once, and then it is over."""
    if watch is None or watch.stage != Stage.WAITING:
        return ()
    if not available:
        raise NotBackYet("the variant is gone again")
    return (WatcherNotified(watch.variant_id, watch.watcher_id),)


def end(watch: Watch | None, reason: Ending) -> tuple[WatchEnded, ...]:
    """Let nobody wait any more; a guest is forgotten."""
    if watch is None or watch.stage == Stage.ENDED:
        return ()
    return (WatchEnded(watch.variant_id, watch.watcher_id, reason.value, watch.subject_id),)


def lapse(watch: Watch | None, *, at: datetime) -> tuple[WatchEnded, ...]:
    """Forget an address that nobody confirmed."""
    if watch is None or not _lapsed(watch, at):
        raise WatchNotDue("the watch was confirmed, or can still be")
    return end(watch, Ending.LAPSED)


def _stage(watch: Watch | None) -> Stage:
    return Stage.ENDED if watch is None else Stage(watch.stage)


def _lapsed(watch: Watch, at: datetime) -> bool:
    return watch.expires_at is not None and at >= watch.expires_at
