"""The routes of what is scanned, and of the media that products show."""

from interfaces.http.catalog.scanning import assets, lookup, pictures, tags
from interfaces.http.routing.route import DefterRoute

SCANNING_ROUTES: tuple[DefterRoute, ...] = (
    lookup.LOOKUP,
    pictures.QR,
    pictures.BARCODE,
    tags.LIST,
    tags.BIND,
    tags.UNBIND,
    tags.RESOLVE,
    assets.GIVE,
    assets.READ,
)
