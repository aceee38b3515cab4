"""What a tenant has, one thing of each kind; each has a name that nobody guesses."""

import random
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx

from infrastructure.wallet.gift_codes import ALPHABET, new_code, written
from tests.faults.neighbours import Tenant
from tests.faults.tenants.wares import wares

LIRA = {"amount": {"minor": 100, "currency": "TRY"}}
APPEARS_SECONDS_MAX = 60.0
PREFIX = re.compile(r"^([a-z_]+-)?([a-z]{3}_|canary_)?")

Ids = Mapping[str, str]
"""A value for each kind of thing; the kinds are the names of parameters in paths."""


@dataclass(frozen=True)
class Belongings:
    """The ids, the sessions, and the words that nobody else may read."""

    ids: Ids
    bearer: dict[str, str]
    refresh_token: str
    words: frozenset[str]


def belongings(http: httpx.Client, tenant: Tenant) -> Belongings:
    """Lay down one of everything."""
    customer = tenant.register(http)
    session = tenant.log_in(http, customer)

    def post(path: str, body: object, method: str = "POST") -> dict[str, Any]:
        return tenant.done(http, method, path, body)

    def first(path: str, name: str) -> str:
        end = time.monotonic() + APPEARS_SECONDS_MAX
        items: list[dict[str, str]] = []
        while not items:
            assert time.monotonic() < end, f"{path} stays empty"
            time.sleep(0.05)
            answer = http.get(tenant.url + path, headers=tenant.staff)
            items = answer.json()["items"] if answer.is_success else []
        return items[0][name]

    word = f"canary_{uuid4().hex[:20]}"
    wallet = first(f"/api/wallet?owner={customer.customer_id}", "wallet_id")
    post(f"/api/wallet/{wallet}/top-ups", {"amount": {"minor": 900, "currency": "TRY"}})
    hold = post(f"/api/wallet/{wallet}/holds", LIRA)["hold_id"]
    captured = post(f"/api/wallet/{wallet}/holds/{hold}/captures", {})
    request = post(f"/api/wallet/{wallet}/topup-requests", LIRA)["request_id"]
    card = post("/api/wallet/gift-cards", LIRA)
    email = f"{uuid4().hex}@mail.example"
    made = _made_by_staff(post, word, email)

    ids = {
        "wallet_id": wallet,
        "hold_id": hold,
        "capture_id": captured["capture_id"],
        "request_id": request,
        "card_id": card["card_id"],
        "code": card["code"],
        "account": made["account"],
        "entry_id": first("/api/ledger/entries", "entry_id"),
        "session_id": session["session_id"],
        "refresh_token": session["refresh_token"],
        "staff_id": made["staff"],
        "role": word,
        "customer_id": customer.customer_id,
        "email": customer.email,
        "tenant_id": str(tenant.tenant_id),
        "key_id": made["key"],
        "endpoint_id": made["endpoint"],
        "delivery_id": first(
            f"/api/webhooks/endpoints/{made['endpoint']}/deliveries", "delivery_id"
        ),
        "effect_id": first("/api/admin/effects", "effect_id"),
        **wares(post, word),
        "import_id": post(
            "/api/admin/products/mass-edit", {"filter": {}, "change": {"status": "draft"}}
        )["import_id"],
    }
    words = {word, email, tenant.slug, tenant.staff_id, *ids.values()}
    bearer = tenant.bearer(session)
    return Belongings(ids, bearer, session["refresh_token"], frozenset(words))


def _made_by_staff(post: Callable[..., dict[str, Any]], word: str, email: str) -> dict[str, str]:
    """Let staff make what they name after `word`."""
    account = post("/api/ledger/accounts", {"code": word, "type": "asset", "name": word})["code"]
    staff = post("/api/admin/staff", {"name": word, "email": email, "roles": ["support"]})
    post(f"/api/admin/roles/{word}", {"title": word, "permissions": ["wallet.read"]}, "PUT")
    key = post("/api/keys", {"kind": "publishable"})["key_id"]
    hook = {"url": f"https://hooks.example.com/{word}", "types": ["*"], "description": word}
    endpoint = post("/api/webhooks/endpoints", hook)["endpoint_id"]
    post(f"/api/webhooks/endpoints/{endpoint}/ping", {})
    text = {"purpose": "terms", "version": word[:20], "locale": "tr", "text": word}
    post("/api/users/consent-texts", text)
    return {"account": account, "staff": staff["staff_id"], "key": key, "endpoint": endpoint}


def lookalikes(ids: Ids, chance: random.Random) -> Ids:
    """Give ids of the same shapes that never existed."""
    return {kind: _lookalike(kind, text, chance) for kind, text in ids.items()}


def _lookalike(kind: str, text: str, chance: random.Random) -> str:
    if kind == "code":
        assert set(text) - {"-"} <= set(ALPHABET)
        return written(new_code())
    start, _, domain = text.partition("@")
    begins = PREFIX.match(start)
    kept = "" if begins is None else begins[0]
    other = "".join(_another(letter, chance) for letter in start.removeprefix(kept))
    return kept + other + ("@" + domain if domain else "")


def _another(letter: str, chance: random.Random) -> str:
    # Hexadecimal stays hexadecimal: a UUID has to look like one.
    for letters in ("0123456789", "abcdef", "ghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"):
        if letter in letters:
            # Versions and positions begin with no 0.
            return chance.choice(letters.removeprefix("0"))
    return letter
