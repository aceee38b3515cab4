"""What sorts products is called by names in the languages of the shop."""

from collections.abc import Mapping

from domain.catalog.languages import check_locales, in_language
from domain.catalog.slugs import check_slug, slug_of
from domain.kernel.refusals import Invalid

NAME_LENGTH_MAX = 120


class NamesInvalid(Invalid):
    """There is a name in at least one language, and none of them is empty or too long."""

    code = "catalog.names_invalid"


def check_names(names: Mapping[str, str]) -> None:
    """Refuse names that nobody could read."""
    if not names:
        raise NamesInvalid("there is a name in at least one language")
    check_locales(names)
    for name in names.values():
        check_name(name)


def check_name(name: str) -> None:
    """Refuse an empty name and one that fills a page."""
    if not name.strip() or len(name) > NAME_LENGTH_MAX:
        raise NamesInvalid(f"a name has 1 to {NAME_LENGTH_MAX} characters")


def chosen_slug(slug: str | None, names: Mapping[str, str]) -> str:
    """Give the slug that was asked for, else one that is made of the name."""
    if slug is None:
        check_names(names)
        return slug_of(in_language(names))
    check_slug(slug)
    return slug
