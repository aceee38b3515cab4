"""All that is kept about a person, as a signed archive: for themselves, and for staff who may."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, NamedTuple
from uuid import UUID

import msgspec
from pydantic import Field

from application.permissions import Permission
from domain.identity.account import Account
from domain.kernel.events import Personal, stream_of
from domain.users.customer import Customer, CustomerNotFound
from domain.wallet.holds import Hold
from domain.wallet.limits.limits import Person
from domain.wallet.requests.topups import TopUpRequest
from domain.wallet.requests.withdrawals import Withdrawal
from domain.wallet.wallet import Wallet
from infrastructure.event_log.reader import StoredEvent, read_streams
from interfaces.http.edge.exchange import PrincipalKind
from interfaces.http.parts import View
from interfaces.http.routing.query import POSITION_MAX, Answer, QueryRoute, Question, Standing
from interfaces.http.wallet import balances as wallet_views
from interfaces.http.wallet.requests.seeing import KEPT, sealed_of
from interfaces.http.wire.archives import ZIP, archive, as_json, keys_url
from interfaces.http.wire.money import money
from interfaces.http.wire.personal import opened, sealed_in
from interfaces.http.wire.problems import Problem
from projections.users import customers
from projections.wallet import balances, holds, requests

EVENTS_MAX = 10_000
"""So many events stand in one archive; it says where the next one begins."""

STREAMS_MAX = 50_000
PAGE = 1_000
CONSENTS = "consents"
READ_MODELS = ("users_customers", "wallet_balances", "wallet_holds", "wallet_requests")
FORMAT = "defter-person-export/1"
README = (Path(__file__).parent / "templates" / "README.txt").read_text("utf-8")


Rows = list[dict[str, Any]]
Texts = Mapping[Personal, str | None]


class ExportParams(Standing):
    """From where on."""

    after: Annotated[
        int, Field(ge=0, le=POSITION_MAX, description="`next_after` of the archive before")
    ] = 0
    limit: Annotated[int, Field(ge=1, le=EVENTS_MAX, description="How many events at most")] = (
        EVENTS_MAX
    )


class Kept(NamedTuple):
    """What is kept about a person, still sealed."""

    record: dict[str, Any]
    wallets: Rows
    requests: Rows
    events: list[StoredEvent]


async def _export(question: Question[ExportParams], customer_id: str) -> Answer:
    exchange = question.exchange
    after, limit = question.params.after, question.params.limit
    if not exchange.principal.may(Permission.PII_READ):
        raise Problem(
            403,
            "auth.permission_missing",
            f"this needs the permission {Permission.PII_READ.value}",
            facts={"permission": Permission.PII_READ.value},
        )
    async with question.view(*READ_MODELS) as view:
        kept = await _kept(
            view, exchange.principal.tenant_id, customer_id, after=after, limit=limit + 1
        )
        complete = len(kept.events) <= limit
        del kept.events[limit:]
        texts = await opened(exchange, view, _sealed(customer_id, kept))
    rights = await exchange.services.accounts.rights(exchange.principal.tenant_id, customer_id)
    about = {
        "person_id": customer_id,
        "position": view.position,
        "after": after,
        "complete": complete,
        "next_after": None if complete else kept.events[-1].position,
    }
    files = {"README.txt": README.format(keys=keys_url(exchange)).encode()}
    files |= {name: as_json(one) for name, one in _files(kept, rights.account, texts).items()}
    packed = await archive(exchange, files, about, form=FORMAT)
    name = (b"content-disposition", b'attachment; filename="%s.zip"' % customer_id.encode())
    return Answer(packed, view.position, (name,), media_type=ZIP)


async def _own(question: Question[ExportParams]) -> Answer:
    """Answer with a ZIP of JSON files with a manifest that is signed.

    Its README.txt says how to verify it.
    """
    principal = question.exchange.principal
    if principal.kind is not PrincipalKind.CUSTOMER:
        raise Problem(403, "auth.customers_only", "only a customer who has logged in has this")
    return await _export(question, principal.actor_id)


async def _of_customer(question: Question[ExportParams]) -> Answer:
    """Answer with a ZIP of JSON files with a manifest that is signed. Also needs pii.read."""
    customer_id = question.path["customer_id"]
    if question.exchange.on_behalf_of not in {None, customer_id}:
        raise CustomerNotFound("there is no such customer")
    return await _export(question, customer_id)


async def _kept(view: View, tenant_id: UUID, customer_id: str, *, after: int, limit: int) -> Kept:
    look = view.connection
    record = await customers.customer(look, tenant_id, customer_id)
    if record is None:
        raise CustomerNotFound("there is no such customer")
    wallets = await _all(
        lambda last: balances.wallets_of(look, tenant_id, customer_id, after=last, limit=PAGE),
        "wallet_id",
        "",
    )
    asked = await _all(
        lambda last: requests.requests_of_owner(
            look, tenant_id, customer_id, after=last, limit=PAGE
        ),
        "position",
        0,
    )
    held: Rows = []
    for wallet in wallets:
        wallet_id = wallet["wallet_id"]
        held += await _all(
            lambda last, of=wallet_id: holds.holds(
                look, tenant_id, of, only_open=False, after=last, limit=PAGE
            ),
            "hold_id",
            "",
        )
    streams = _streams(customer_id, wallets, asked, held)
    if len(streams) > STREAMS_MAX:
        raise Problem(422, "users.export_too_large", "so much is given out by the shop itself")
    events = await read_streams(look, tenant_id, streams, after=after, limit=limit)
    return Kept(record, wallets, asked, events)


async def _all(page: Callable[[Any], Awaitable[Rows]], key: str, first: object) -> Rows:
    rows: Rows = []
    more = await page(first)
    while more:
        rows += more
        more = await page(more[-1][key]) if len(more) == PAGE and len(rows) < STREAMS_MAX else []
    return rows


def _streams(customer_id: str, wallets: Rows, asked: Rows, held: Rows) -> list[str]:
    kinds = {requests.TOP_UP: TopUpRequest, requests.WITHDRAWAL: Withdrawal}
    return [
        *(stream_of(kind.CATEGORY, customer_id) for kind in (Customer, Account, Person)),
        stream_of(CONSENTS, customer_id),
        *(stream_of(Wallet.CATEGORY, row["wallet_id"]) for row in wallets),
        *(stream_of(kinds[row["kind"]].CATEGORY, row["request_id"]) for row in asked),
        *(stream_of(Hold.CATEGORY, row["hold_id"]) for row in held),
    ]


def _sealed(customer_id: str, kept: Kept) -> Iterator[Personal]:
    yield from _words_of(kept.record).values()
    for row in kept.requests:
        yield from sealed_of(row).values()
    for event in kept.events:
        for raw in (event.data, event.meta):
            yield from (one for one in _found(_parsed(raw)) if one.subject == customer_id)


def _words_of(record: Mapping[str, Any]) -> dict[str, Personal]:
    sealed = {name: record[f"{name}_sealed"] for name in ("name", "email")}
    return {
        name: Personal(record["customer_id"], sealed=text) for name, text in sealed.items() if text
    }


def _found(value: Any) -> Iterator[Personal]:  # noqa: ANN401 - any JSON
    personal = sealed_in(value)
    if personal is not None:
        yield personal
    elif isinstance(value, dict | list):
        parts: Any = value.values() if isinstance(value, dict) else value  # type: ignore[misc]
        for part in parts:
            yield from _found(part)


def _plain(value: Any, texts: Texts) -> Any:  # noqa: ANN401 - any JSON
    """Give JSON with what is sealed opened; what belongs to others stays out."""
    personal = sealed_in(value)
    if personal is not None:
        return texts.get(personal)
    if isinstance(value, dict):
        return {name: _plain(part, texts) for name, part in value.items()}  # type: ignore[misc]
    if isinstance(value, list):
        return [_plain(part, texts) for part in value]  # type: ignore[misc]
    return value


def _parsed(raw: bytes) -> Any:  # noqa: ANN401 - any JSON
    return msgspec.json.decode(raw)


def _files(kept: Kept, account: Account | None, texts: Texts) -> dict[str, object]:
    events = [_event(event, texts) for event in kept.events]
    of: dict[str, list[dict[str, Any]]] = {}
    for event in events:
        of.setdefault(event["stream"], []).append(event)
    person = kept.record["customer_id"]
    words = {name: texts.get(sealed) for name, sealed in _words_of(kept.record).items()}
    profile = {name: kept.record[name] for name in ("customer_id", "registered_at", "locale")}
    return {
        "profile.json": profile | {"name": words.get("name"), "email": words.get("email")},
        "account.json": None if account is None else _account(account),
        "consents.json": of.get(stream_of(CONSENTS, person), []),
        "wallets.json": [
            wallet_views.told(row)
            | {"movements": of.get(stream_of(Wallet.CATEGORY, row["wallet_id"]), [])}
            for row in kept.wallets
        ],
        "requests.json": [_request(row, texts) for row in kept.requests],
        "events.json": events,
    }


def _event(event: StoredEvent, texts: Texts) -> dict[str, Any]:
    return {
        "position": event.position,
        "event_id": event.event_id,
        "stream": event.stream,
        "version": event.version,
        "type": event.type,
        "recorded_at": event.recorded_at,
        "data": _plain(_parsed(event.data), texts),
        "meta": _plain(_parsed(event.meta), texts),
    }


def _account(account: Account) -> dict[str, Any]:
    return {
        "roles": account.roles,
        "verified": account.verified,
        "suspended": account.suspended,
        "closed": account.closed,
        "sessions": {id_: one.expires_at for id_, one in account.sessions.items()},
    }


def _request(row: Mapping[str, Any], texts: Texts) -> dict[str, Any]:
    words = {name: texts.get(sealed) for name, sealed in sealed_of(row).items()}
    amount = {"amount": money(row["amount"], row["currency"])}
    return {name: row[name] for name in KEPT} | amount | words


OWN = QueryRoute(
    "/api/users/me/export",
    ExportParams,
    _own,
    permission=Permission.IDENTITY_SELF,
    result=bytes,
    summary="Get all that is kept about oneself, signed",
    name="users_export_oneself",
    extra={"x-answers": "application/zip"},
)

OF_CUSTOMER = QueryRoute(
    "/api/customers/{customer_id}/export",
    ExportParams,
    _of_customer,
    permission=Permission.USERS_READ,
    result=bytes,
    summary="Get all that is kept about a customer, signed",
    name="users_export",
    extra={"x-answers": "application/zip"},
)
