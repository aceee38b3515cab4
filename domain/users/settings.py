"""A person's own settings: language, colours, what they hear of and where, what they allow."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import ClassVar

from domain.users.customer import Locale
from domain.users.events import (
    LanguageChosen,
    NotificationsChosen,
    PrivacyChosen,
    SettingsEvent,
    ThemeChosen,
)


class Theme(StrEnum):
    """Colours; `system` follows the device."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class News(StrEnum):
    """What a person can hear of."""

    ORDERS = "orders"
    WALLET = "wallet"
    SECURITY = "security"
    CAMPAIGNS = "campaigns"


class Channel(StrEnum):
    """Where a person can hear of it."""

    EMAIL = "email"
    SMS = "sms"
    PUSH = "push"


class Use(StrEnum):
    """What a person's data can be used for beside their orders."""

    PERSONALISATION = "personalisation"
    STATISTICS = "statistics"
    PROFILE_VISIBLE = "profile_visible"


@dataclass(frozen=True, slots=True)
class Choices:
    """What somebody chooses at once; what is None or not named stays."""

    language: Locale | None = None
    theme: Theme | None = None
    notifications: Mapping[News, frozenset[Channel]] = field(
        default_factory=dict[News, frozenset[Channel]]
    )
    privacy: Mapping[Use, bool] = field(default_factory=dict[Use, bool])


@dataclass(frozen=True, slots=True)
class Settings:
    """What a person chose; what is not there was never chosen."""

    CATEGORY: ClassVar[str] = "user_settings"
    FOLD_VERSION: ClassVar[int] = 1

    language: str | None = None
    theme: str | None = None
    notifications: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    privacy: Mapping[str, bool] = field(default_factory=dict[str, bool])

    @classmethod
    def evolve(cls, state: "Settings | None", event: SettingsEvent) -> "Settings":
        state = state or UNTOUCHED
        match event:
            case LanguageChosen():
                return replace(state, language=event.language)
            case ThemeChosen():
                return replace(state, theme=event.theme)
            case NotificationsChosen():
                return replace(
                    state, notifications={**state.notifications, event.kind: event.channels}
                )
            case PrivacyChosen():
                return replace(state, privacy={**state.privacy, event.use: event.allowed})
            case _:
                raise AssertionError(event)


UNTOUCHED = Settings()


def choose(
    settings: Settings | None, choices: Choices, *, person_id: str
) -> tuple[SettingsEvent, ...]:
    """Choose: one event for each thing that changes, none for what is so already."""
    now = settings or UNTOUCHED
    events: list[SettingsEvent] = []
    if choices.language is not None and choices.language.value != now.language:
        events.append(LanguageChosen(person_id, choices.language.value))
    if choices.theme is not None and choices.theme.value != now.theme:
        events.append(ThemeChosen(person_id, choices.theme.value))
    for kind, wanted in sorted(choices.notifications.items()):
        channels = tuple(sorted(channel.value for channel in wanted))
        if now.notifications.get(kind.value) != channels:
            events.append(NotificationsChosen(person_id, kind.value, channels))
    for use, allowed in sorted(choices.privacy.items()):
        if now.privacy.get(use.value) != allowed:
            events.append(PrivacyChosen(person_id, use.value, allowed))
    return tuple(events)
