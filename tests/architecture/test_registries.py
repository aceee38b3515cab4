"""Every command, event, refusal and permission is registered and named for its context."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import pytest

from application.aggregates import AGGREGATES
from application.bulk import Atomically
from application.commands import HANDLERS
from application.permissions import Permission
from domain.kernel.events import Event
from domain.kernel.refusals import Invalid
from domain.wallet.wallet import WalletNotFound
from infrastructure.event_log.event_types import EVENT_TYPES, check_upcasters
from tests.architecture import registries
from tests.architecture.source import ROOT

DOMAIN = registries.classes_of(registries.modules_below("domain"))
APPLICATION = registries.classes_of(registries.modules_below("application"))
COMMANDS = registries.commands_of(APPLICATION)
EVENTS = registries.events_of(DOMAIN)
REFUSALS = [
    kind for kind in DOMAIN + APPLICATION if issubclass(kind, Exception) and "code" in vars(kind)
]


class Planted(Invalid):
    __module__ = "domain.wallet.planted"
    code = "ledger.planted"


class Unspoken(Invalid):
    __module__ = "domain.wallet.planted"
    code = "wallet."


class Twice(Invalid):
    __module__ = "domain.wallet.planted"
    code = WalletNotFound.code


@dataclass(frozen=True)
class PlantedCommand:
    NAME: ClassVar[str] = "wallet.planted"


@dataclass(frozen=True)
class PlantedEvent(Event):
    __module__ = "domain.wallet.holds"
    NAME: ClassVar[str] = "wallet.planted"


def test_a_public_name_that_does_not_start_with_its_context_is_found() -> None:
    assert registries.misnamed([Planted, Unspoken], "code") == [
        "Planted: ledger.planted",
        "Unspoken: wallet.",
    ]


def test_a_code_that_two_refusals_share_is_found() -> None:
    assert registries.told_twice([Twice, WalletNotFound], "code") == ["wallet.not_found"]


def test_what_a_registry_lacks_or_only_has_itself_is_found() -> None:
    assert registries.unregistered([PlantedCommand], [Atomically]) == [
        "Atomically",
        "PlantedCommand",
    ]


def test_an_event_outside_its_context_s_language_is_found() -> None:
    assert registries.outside_events_files([PlantedEvent]) == ["PlantedEvent"]


def test_a_permission_that_no_route_asks_for_is_found(tmp_path: Path) -> None:
    (tmp_path / "interfaces").mkdir()
    (tmp_path / "interfaces" / "routes.py").write_text("needs(Permission.WALLET_READ)")
    assert registries.unused_permissions(["WALLET_READ", "PII_READ"], tmp_path) == ["PII_READ"]


def test_every_command_has_a_handler_and_every_handler_a_command() -> None:
    assert len(COMMANDS) >= 20
    assert registries.unregistered(COMMANDS, HANDLERS.keys()) == []


def test_every_command_is_named_for_its_context() -> None:
    assert registries.misnamed(COMMANDS, "NAME") == []
    assert registries.told_twice(COMMANDS, "NAME") == []


def test_every_event_is_registered_under_its_name() -> None:
    assert len(EVENTS) >= 27
    assert registries.unregistered(EVENTS, list(EVENT_TYPES.values())) == []
    assert [name for name, kind in EVENT_TYPES.items() if name != kind.NAME] == []


def test_every_event_is_named_for_its_context_and_stands_in_its_language() -> None:
    assert registries.misnamed(EVENTS, "NAME") == []
    assert registries.told_twice(EVENTS, "NAME") == []
    assert registries.outside_events_files(EVENTS) == []


def test_every_event_folds_into_an_aggregate() -> None:
    assert {kind.CATEGORY for kind in EVENTS} == AGGREGATES.keys()


def test_every_refusal_has_a_code_of_its_own_in_its_context() -> None:
    assert len(REFUSALS) >= 45
    assert registries.misnamed(REFUSALS, "code") == []
    assert registries.told_twice(REFUSALS, "code") == []


@pytest.mark.skipif(not (ROOT / "interfaces" / "http").is_dir(), reason="there are no routes yet")
def test_every_permission_is_asked_for_by_a_route() -> None:
    assert registries.unused_permissions(Permission.__members__, ROOT) == []


def test_every_old_schema_has_an_upcaster() -> None:
    check_upcasters()
