"""Which release a specification or pin names, in what is seen."""

from __future__ import annotations

from library.errors import Ambiguous, NotFound, near_matches
from library.reading import Reader
from library.records import Release
from library.rows import EVERYTHING, View
from library.versions import parse_spec


def resolve(reader: Reader, text: str, view: View) -> Release:
    """The newest release in the view that answers to a specification; see `Library.resolve`.

    Raises:
        BadPin, NotFound, Ambiguous: as there.
    """
    spec = parse_spec(text)
    visible = reader.releases(view, spec.name)
    found = [release for release in visible if spec.matches(release)]
    if found:
        homes: dict[str, list[str]] = {}
        for release in reversed(found):
            homes.setdefault(release.pin, []).append(release.run)
        if spec.whole and len(homes) > 1:
            raise Ambiguous(text, homes)
        return found[0]
    if visible:
        known = tuple(f"{r.name}@{r.version}" + (" (yanked)" if r.yanked else "") for r in visible[:3])
        raise NotFound(f"`{text}` is not among the {len(visible)} releases of `{spec.name}`", known)
    raise NotFound(f"no shared function `{spec.name}`", near_matches(spec.name, reader.visible_names(view)))


def ever_released(reader: Reader, name: str) -> list[Release]:
    """Every release of a name, whoever sees it, the newest version first.

    Raises:
        NotFound: an unknown name, with near matches.
    """
    found = reader.releases(EVERYTHING, name)
    if not found:
        raise NotFound(f"no shared function `{name}`", near_matches(name, reader.visible_names(EVERYTHING)))
    return found
