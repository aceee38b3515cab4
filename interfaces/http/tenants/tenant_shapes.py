"""What is said of tenants, in requests and answers."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field

from domain.tenants.tenant import SLUG_PATTERN
from domain.wallet.scheme import SchemeMode
from interfaces.http.wire.contacts import EmailText, PersonName
from interfaces.http.wire.fields import Body, CurrencyCode, Name, Text

TIME_ZONE_LENGTH_MAX = 64


class AdminBody(Body):
    """The tenant's first admin, who gets a key, and an account that a mailed link opens."""

    name: PersonName
    email: EmailText


class NewTenantBody(Body):
    """A tenant with its books. A test tenant holds no real money."""

    slug: Annotated[str, Field(pattern=f"^{SLUG_PATTERN.pattern}$", examples=["kitap-evi"])]
    name: Name
    base_currency: CurrencyCode
    time_zone: Annotated[str, Field(max_length=TIME_ZONE_LENGTH_MAX, examples=["Europe/Istanbul"])]
    mode: Annotated[SchemeMode, Field(strict=False)] = SchemeMode.CLOSED_LOOP
    test: bool = False
    admin: AdminBody


class SuspensionBody(Body):
    """Why; only the platform's staff read it."""

    reason: Text


class ReactivationBody(Body):
    """Nothing more to say."""


class NewTenantView(BaseModel):
    """A new tenant. Secrets are shown once; when the request is repeated they are null."""

    tenant_id: str = Field(examples=["8c0d5d1c-6a0e-5c39-9f5c-0d6a4a3b7c11"])
    slug: str
    admin_id: str = Field(examples=["stf_01k3xq8m5wf2v9c7d4h6jt0b1n"])
    secret_key: str | None = Field(examples=["dsk_live_…"], description="It acts as the admin")
    publishable_key: str | None = Field(examples=["dpk_live_…"])


class TenantView(BaseModel):
    """A tenant."""

    tenant_id: str
    slug: str
    name: str
    test: bool
    suspended: bool
    created_at: datetime


class TenantsView(BaseModel):
    """A page of tenants."""

    items: list[TenantView]
    next_cursor: str | None
