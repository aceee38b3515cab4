"""USR-02: what somebody chooses is an event for each thing that changes, and nothing else is."""

import pytest

from application.users.settings import ChooseSettings, SettingsResult
from domain.kernel.events import Event
from domain.users.customer import Locale
from domain.users.events import (
    LanguageChosen,
    NotificationsChosen,
    PrivacyChosen,
    SettingsEvent,
    ThemeChosen,
)
from domain.users.settings import Channel, Choices, News, Settings, Theme, Use
from tests.kit.scenario import given

pytestmark = pytest.mark.row("USR-02")

ADA = "cus_ada1"
ENGLISH, TURKISH = LanguageChosen(ADA, "en"), LanguageChosen(ADA, "tr")
DARK, LIGHT = ThemeChosen(ADA, "dark"), ThemeChosen(ADA, "light")
ORDERS = NotificationsChosen(ADA, "orders", ("email", "sms"))
ORDERS_NOWHERE = NotificationsChosen(ADA, "orders", ())
COUNTED, NOT_COUNTED = (
    PrivacyChosen(ADA, "statistics", allowed=True),
    PrivacyChosen(ADA, "statistics", allowed=False),
)
SEEN = PrivacyChosen(ADA, "profile_visible", allowed=True)

EVERYTHING = Choices(
    Locale.ENGLISH,
    Theme.DARK,
    {News.ORDERS: frozenset({Channel.SMS, Channel.EMAIL})},
    {Use.STATISTICS: True},
)
OTHERWISE = Choices(
    Locale.TURKISH, Theme.LIGHT, {News.ORDERS: frozenset()}, {Use.STATISTICS: False}
)
STATES: dict[str, tuple[Event, ...]] = {
    "untouched": (),
    "chosen": (ENGLISH, DARK, ORDERS, COUNTED),
    "otherwise": (ENGLISH, DARK, ORDERS, COUNTED, TURKISH, LIGHT, ORDERS_NOWHERE, NOT_COUNTED),
}
TABLE: list[tuple[str, Choices, tuple[Event, ...]]] = [
    ("untouched", EVERYTHING, (ENGLISH, DARK, ORDERS, COUNTED)),
    ("untouched", OTHERWISE, (TURKISH, LIGHT, ORDERS_NOWHERE, NOT_COUNTED)),
    ("chosen", EVERYTHING, ()),
    ("chosen", OTHERWISE, (TURKISH, LIGHT, ORDERS_NOWHERE, NOT_COUNTED)),
    ("otherwise", EVERYTHING, (ENGLISH, DARK, ORDERS, COUNTED)),
    ("otherwise", OTHERWISE, ()),
]


@pytest.mark.parametrize(("state", "choices", "events"), TABLE)
def test_every_state_answers_every_choice(
    state: str, choices: Choices, events: tuple[Event, ...]
) -> None:
    answer = given(*STATES[state]).when(ChooseSettings(ADA, choices))
    answer.then(*events).then_result(SettingsResult(ADA, len(events)))


def test_the_table_holds_every_pair() -> None:
    assert len(TABLE) == len(STATES) * 2


def test_what_is_left_away_stays_as_it_is() -> None:
    answer = given(*STATES["chosen"]).when(
        ChooseSettings(ADA, Choices(privacy={Use.PROFILE_VISIBLE: True}))
    )
    answer.then(SEEN)
    assert answer.state(f"user_settings-{ADA}") == Settings(
        "en",
        "dark",
        {"orders": ("email", "sms")},
        {"statistics": True, "profile_visible": True},
    )


def test_an_event_that_settings_do_not_know_is_never_guessed_at() -> None:
    with pytest.raises(AssertionError):
        Settings.evolve(None, SettingsEvent())
