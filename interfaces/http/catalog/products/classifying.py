"""Say under what products stand, where they are shown and to whom they may be sold."""

from application.catalog.classifying import (
    ChooseChannels,
    ChooseTaxClass,
    ClassifyProduct,
    SetAttributes,
    SetRestrictions,
)
from interfaces.http.catalog.products.changing import ProductRoute
from interfaces.http.catalog.products.shapes import (
    Attributes,
    Channels,
    ClassificationBody,
    RestrictionsBody,
    TaxClassCode,
    TypeId,
)
from interfaces.http.routing.command import Asked
from interfaces.http.wire.fields import Body


class TaxClassBody(Body):
    """The class of KDV rates."""

    tax_class: TaxClassCode


class AttributesBody(Body):
    """The type, and all attributes that are told of the product."""

    type_id: TypeId | None
    attributes: Attributes


class ChannelsBody(Body):
    """All channels."""

    channels: Channels


def _classify(asked: Asked[ClassificationBody]) -> ClassifyProduct:
    return ClassifyProduct(asked.path["product_id"], asked.body.classification())


def _choose_tax_class(asked: Asked[TaxClassBody]) -> ChooseTaxClass:
    return ChooseTaxClass(asked.path["product_id"], asked.body.tax_class)


def _set_attributes(asked: Asked[AttributesBody]) -> SetAttributes:
    body = asked.body
    return SetAttributes(asked.path["product_id"], body.type_id, body.attributes)


def _choose_channels(asked: Asked[ChannelsBody]) -> ChooseChannels:
    return ChooseChannels(asked.path["product_id"], asked.body.channels)


def _restrict(asked: Asked[RestrictionsBody]) -> SetRestrictions:
    return SetRestrictions(asked.path["product_id"], asked.body.restrictions())


CLASSIFY = ProductRoute(
    "/classification",
    ClassifyProduct,
    ClassificationBody,
    _classify,
    summary="Let a product stand in categories and be of a brand",
)
TAX_CLASS = ProductRoute(
    "/tax-class",
    ChooseTaxClass,
    TaxClassBody,
    _choose_tax_class,
    summary="Choose a product's tax class",
)
ATTRIBUTES = ProductRoute(
    "/attributes",
    SetAttributes,
    AttributesBody,
    _set_attributes,
    summary="Say of which type a product is, and what it is like",
)
CHANNELS = ProductRoute(
    "/channels", ChooseChannels, ChannelsBody, _choose_channels, summary="Choose where it is shown"
)
RESTRICT = ProductRoute(
    "/restrictions",
    SetRestrictions,
    RestrictionsBody,
    _restrict,
    summary="Restrict whom and where to a product is sold",
)
