"""The synonyms of tenants, kept in this process for as long as they stand."""

from collections import OrderedDict
from uuid import UUID

import msgspec

from domain.search.asking import Meanings, meanings_of
from domain.search.events import Synonyms
from infrastructure.search.engine import Shop
from projections.search.synonyms import groups_of

TENANTS_KEPT_MAX = 1_000


class KeptMeanings:
    """What is found with each term."""

    def __init__(self) -> None:
        self._kept: OrderedDict[UUID, tuple[int, Meanings]] = OrderedDict()

    async def of(self, shop: Shop, version: int) -> Meanings:
        """Give a tenant's as they stand in this look, which says how often they were set."""
        kept = self._kept.pop(shop.tenant_id, None)
        if kept is None or kept[0] != version:
            groups = await groups_of(shop.connection, shop.tenant_id) if version else []
            kept = version, meanings_of(msgspec.convert(groups, list[Synonyms]))
        self._kept[shop.tenant_id] = kept
        if len(self._kept) > TENANTS_KEPT_MAX:
            self._kept.popitem(last=False)
        return kept[1]
