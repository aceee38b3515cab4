"""INT-15: endpoints are registered, changed, rotated, switched off and on, and removed."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from application.channels.endpoints import (
    ActivateEndpoint,
    ChangeEndpoint,
    DeactivateEndpoint,
    EndpointResult,
    PingEndpoint,
    RegisterEndpoint,
    RemoveEndpoint,
    ReplayDelivery,
    ReplayEvents,
    ReplayResult,
    RotateSecret,
    RotationResult,
)
from domain.channels.addresses import AddressNotPublic, UrlInvalid
from domain.channels.endpoints import (
    ENDPOINTS_MAX,
    REPLAY_POSITIONS_MAX,
    TYPES_MAX,
    DeactivationReason,
    Endpoint,
    EndpointExists,
    EndpointInactive,
    EndpointNotFound,
    Endpoints,
    OverlapInvalid,
    ReplayRangeInvalid,
    TooManyEndpoints,
    TypesInvalid,
)
from domain.channels.events import (
    EndpointActivated,
    EndpointChanged,
    EndpointDeactivated,
    EndpointPinged,
    EndpointRemoved,
    ReplayAsked,
    SecretRotated,
)
from domain.kernel.events import Event, Personal
from domain.kernel.refusals import Refusal
from tests.kit.endpoints import HOOK, NEW_SECRET, OTHER, SECRET, URL, registered
from tests.kit.scenario import NOW, given, new_id
from tests.kit.wallets import ADA_OPENED

pytestmark = pytest.mark.row("INT-15")

REGISTER = RegisterEndpoint(URL, ("*",), SECRET, endpoint_id=HOOK)
OFF = EndpointDeactivated(HOOK, "asked")
GONE = EndpointRemoved(HOOK)


def test_registers_an_endpoint_under_an_id_of_its_own() -> None:
    made = new_id("whe")
    answer = given().when(RegisterEndpoint(URL, ("wallet.*",), SECRET, description="The ERP"))
    answer.then(registered(made, "wallet.*", description="The ERP"))
    answer.then_result(EndpointResult(made))


def test_secret_and_description_are_kept_sealed_with_a_key_of_the_endpoint() -> None:
    command = RegisterEndpoint(URL, ("*",), SECRET, endpoint_id=HOOK, description="The ERP")
    (recorded,) = given().when(command).decision.events
    event: Any = recorded[2]
    assert event.secret == Personal(HOOK, SECRET)
    assert event.description == Personal(HOOK, "The ERP")
    assert SECRET not in repr(command)
    assert NEW_SECRET not in repr(RotateSecret(HOOK, NEW_SECRET))


def test_a_tenant_has_20_endpoints_and_not_one_more() -> None:
    many = [registered(f"whe_{n:04}") for n in range(ENDPOINTS_MAX - 1)]
    full = given(*many).when(REGISTER).then(registered())
    one_more = RegisterEndpoint(URL, ("*",), SECRET)
    full.when(one_more).then_refused(TooManyEndpoints)
    full.when(RemoveEndpoint("whe_0007")).when(one_more).then(registered(new_id("whe")))


def test_a_live_tenant_s_endpoint_is_on_the_public_internet() -> None:
    given().when(RegisterEndpoint("http://hooks.example", ("*",), SECRET)).then_refused(UrlInvalid)
    inside = RegisterEndpoint("https://10.0.0.1", ("*",), SECRET)
    given().when(inside).then_refused(AddressNotPublic)
    change = ChangeEndpoint(HOOK, "https://10.0.0.1", ("*",))
    given(registered()).when(change).then_refused(AddressNotPublic)


def test_a_test_tenant_s_endpoint_is_anywhere_now_and_after_a_change() -> None:
    url = "http://127.0.0.1:9000/hook"
    asked = RegisterEndpoint(url, ("*",), SECRET, test=True, endpoint_id=HOOK)
    answer = given().when(asked).then(registered(url=url, test=True))
    answer.when(ChangeEndpoint(HOOK, url + "2", ("*",))).then(
        EndpointChanged(HOOK, url + "2", ("*",), None)
    )


def test_a_change_replaces_url_types_and_description() -> None:
    answer = given(registered()).when(ChangeEndpoint(HOOK, URL + "/v2", ("ledger.*",), "New ERP"))
    answer.then(EndpointChanged(HOOK, URL + "/v2", ("ledger.*",), Personal(HOOK, "New ERP")))
    answer.then_result(EndpointResult(HOOK))
    assert answer.state("webhook_endpoints-main").by_id[HOOK].types == ("ledger.*",)


@pytest.mark.parametrize(
    "types",
    [(), ("",), ("wallet",), ("wallet.",), (".*",), ("*.*",), ("Wallet.*",), ("*",) * 51],
)
def test_refuses_types_that_are_none(types: tuple[str, ...]) -> None:
    assert len(types) < TYPES_MAX or len(types) == TYPES_MAX + 1
    given().when(RegisterEndpoint(URL, types, SECRET)).then_refused(TypesInvalid)
    given(registered()).when(ChangeEndpoint(HOOK, URL, types)).then_refused(TypesInvalid)


@pytest.mark.parametrize("hours", [0, 24])
def test_a_rotated_secret_signs_on_for_as_long_as_was_asked(hours: int) -> None:
    until = NOW + timedelta(hours=hours)
    answer = given(registered()).when(RotateSecret(HOOK, NEW_SECRET, hours))
    answer.then(SecretRotated(HOOK, Personal(HOOK, NEW_SECRET), until))
    answer.then_result(RotationResult(HOOK, until))


@pytest.mark.parametrize("hours", [-1, 25])
def test_refuses_an_overlap_beyond_24_hours(hours: int) -> None:
    given(registered()).when(RotateSecret(HOOK, NEW_SECRET, hours)).then_refused(OverlapInvalid)


@pytest.mark.parametrize("reason", DeactivationReason)
def test_a_deactivation_says_why(reason: DeactivationReason) -> None:
    answer = given(registered()).when(DeactivateEndpoint(HOOK, reason))
    answer.then(EndpointDeactivated(HOOK, reason.value)).then_result(EndpointResult(HOOK))
    answer.when(DeactivateEndpoint(HOOK)).then()
    answer.when(ActivateEndpoint(HOOK)).then(EndpointActivated(HOOK)).when(
        ActivateEndpoint(HOOK)
    ).then()


def test_a_replay_without_an_end_goes_as_far_as_one_replay_may() -> None:
    last = 7 + REPLAY_POSITIONS_MAX - 1
    answer = given(registered()).when(ReplayEvents(HOOK, 7))
    answer.then(ReplayAsked(HOOK, 7, last)).then_result(ReplayResult(HOOK, 7, last))
    given(registered()).when(ReplayEvents(HOOK, 7, last)).then(ReplayAsked(HOOK, 7, last))
    given(registered()).when(ReplayEvents(HOOK, 7, 7)).then(ReplayAsked(HOOK, 7, 7))


@pytest.mark.parametrize(
    ("first", "last"), [(0, None), (0, 5), (7, 6), (7, 7 + REPLAY_POSITIONS_MAX)]
)
def test_refuses_a_replay_backwards_or_too_far(first: int, last: int | None) -> None:
    given(registered()).when(ReplayEvents(HOOK, first, last)).then_refused(ReplayRangeInvalid)


LEADS: dict[Any, tuple[object, object, object]] = {
    REGISTER: (registered(), EndpointExists, EndpointExists),
    ChangeEndpoint(HOOK, URL, ("*",)): (
        EndpointNotFound,
        EndpointChanged(HOOK, URL, ("*",), None),
        EndpointChanged(HOOK, URL, ("*",), None),
    ),
    RotateSecret(HOOK, NEW_SECRET, 0): (
        EndpointNotFound,
        SecretRotated(HOOK, Personal(HOOK, NEW_SECRET), NOW),
        SecretRotated(HOOK, Personal(HOOK, NEW_SECRET), NOW),
    ),
    DeactivateEndpoint(HOOK): (EndpointNotFound, OFF, None),
    ActivateEndpoint(HOOK): (EndpointNotFound, None, EndpointActivated(HOOK)),
    RemoveEndpoint(HOOK): (EndpointNotFound, GONE, GONE),
    PingEndpoint(HOOK): (EndpointNotFound, EndpointPinged(HOOK), EndpointInactive),
    ReplayEvents(HOOK, 1, 9): (EndpointNotFound, ReplayAsked(HOOK, 1, 9), EndpointInactive),
    ReplayDelivery(HOOK, 5): (EndpointNotFound, ReplayAsked(HOOK, 5, 5), EndpointInactive),
}
"""What each command leads to where there is no endpoint, an active one, and an inactive one."""

ABSENT: Sequence[Sequence[Event]] = ((), (registered(OTHER),), (registered(), GONE))
ACTIVE: Sequence[Sequence[Event]] = (
    (registered(),),
    (registered(), OFF, EndpointActivated(HOOK)),
    (registered(), GONE, registered()),
    (registered(), EndpointPinged(HOOK), ReplayAsked(HOOK, 1, 2)),
)
INACTIVE: Sequence[Sequence[Event]] = ((registered(), OFF), (registered(), registered(OTHER), OFF))


@pytest.mark.parametrize("command", LEADS, ids=lambda command: type(command).__name__)
@pytest.mark.parametrize(
    ("column", "stories"),
    [*enumerate((ABSENT, ACTIVE, INACTIVE))],
    ids=("none", "active", "inactive"),
)
def test_every_command_meets_every_state(
    command: object, column: int, stories: Sequence[Sequence[Event]]
) -> None:
    leads_to = LEADS[command][column]
    for story in stories:
        answer = given(*story).when(command)
        if isinstance(leads_to, type):
            assert issubclass(leads_to, Refusal)
            answer.then_refused(leads_to)
        elif leads_to is None:
            answer.then()
        else:
            assert isinstance(leads_to, Event)
            answer.then(leads_to)


def test_an_event_of_another_stream_does_not_belong_here() -> None:
    with pytest.raises(AssertionError):
        Endpoints.evolve(None, ADA_OPENED)  # type: ignore[arg-type] - that is the point


@pytest.mark.parametrize(
    ("types", "wanted"),
    [
        (("*",), True),
        (("ledger.*", "wallet.*"), True),
        (("wallet.opened",), True),
        (("wallet.funds_held",), False),
        (("ledger.*",), False),
    ],
)
def test_an_endpoint_wants_what_its_types_name(types: tuple[str, ...], *, wanted: bool) -> None:
    assert Endpoint(types, test=False).wants("wallet.opened") is wanted
    assert not Endpoint(types, test=False, active=False).wants("wallet.opened")


def test_events_about_endpoints_are_sent_to_none() -> None:
    for types in (("*",), ("channels.*",), ("channels.endpoint_registered",)):
        assert not Endpoint(types, test=False).wants("channels.endpoint_registered")
