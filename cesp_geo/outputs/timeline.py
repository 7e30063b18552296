"""The history of a place as a small picture (SVG)."""

from collections.abc import Sequence
from datetime import date
from html import escape
from textwrap import wrap

from cesp_geo.communes import Change, Commune
from cesp_geo.dates import french_day
from cesp_geo.siting.history import Stretch, parts_words, told

_WIDTH, _LEFT, _ROW, _LINE = 900, 20, 56, 15
_LANE_ROOM, _KEY_ROOM = 100, 140  # characters
_CHARACTER = 7.5
_STEPS = (1, 2, 5, 10, 25, 50)  # years
_INDENT = " " * 5
_HALO = 'paint-order="stroke" stroke="#fff" stroke-width="4"'
_COVER = "#4575b4"
_STYLES = {
    "éligible": ("#1b7837", ""),
    "non éligible": ("#636363", "6,3"),
    "inconnu": ("#b35806", "2,3"),
    "sans objet": ("#999999", "1,5"),
}


def timeline_svg(title: str, stretches: Sequence[Stretch], changes: Sequence[Change] = ()) -> str:
    """Draw stretches along the years; answers are told by words and dashes, not colour alone.

    What holds for the whole place has its lane, and so has each history that some parts share.

    Parameters
    ----------
    title : str
    stretches : sequence of Stretch
    changes : sequence of Change
        What happened to the communes of the place: each is a line across, with its reason.

    Returns
    -------
    str
        A stand-alone SVG in French.
    """
    first = min(item.start for item in stretches)
    covers = [item.maintainable_until for item in stretches if item.maintainable_until]
    last = max([*(item.end for item in stretches), *covers])
    scale = (_WIDTH - 2 * _LEFT) / max((last - first).days, 1)
    lanes = _lanes(stretches)
    marks = [(day, words) for day, words in told(changes) if first < day < last]
    key = [f"{rank}. {_hint(item)}" for rank, item in enumerate(stretches, start=1)]
    key += [f"{french_day(day)} : {words}" for day, words in marks]
    rows = [row for line in key for row in wrap(line, _KEY_ROOM, subsequent_indent=_INDENT)]
    base = 60 + _ROW * len(lanes)
    height = base + 62 + _LINE * len(rows)

    def x(day: date) -> float:
        return round(_LEFT + (day - first).days * scale, 1)

    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{height}" '
        f'viewBox="0 0 {_WIDTH} {height}" role="img" '
        f'lang="fr" font-family="sans-serif" font-size="12"><title>{escape(title)}</title>',
        f'<rect width="{_WIDTH}" height="{height}" fill="#fff"/>',
        f'<text x="{_LEFT}" y="24" font-size="16" font-weight="bold">{escape(title)}</text>',
    ]
    step = next(step for step in _STEPS if step * 365 * scale > 36 or step == _STEPS[-1])
    for year in range(first.year + 1, last.year + 1):
        at = x(date(year, 1, 1))
        if year % step == 0:
            out.append(f'<line x1="{at}" y1="48" x2="{at}" y2="{base}" stroke="#ccc"/>')
            if at + 34 < _WIDTH:
                out.append(f'<text x="{at + 2}" y="{base + 4}" fill="#444">{year}</text>')
    for day, words in marks:
        out.append(
            f"<g><title>{escape(f'{french_day(day)} : {words}')}</title>"
            f'<line x1="{x(day)}" y1="44" x2="{x(day)}" y2="{base - 8}" stroke="#000" '
            'stroke-dasharray="2,2"/></g>'
        )
    for number, (name, ranks) in enumerate(lanes):
        y = 60 + number * _ROW
        out.append(f'<text x="{_LEFT}" y="{y - 6}" {_HALO}>{escape(name)}</text>')
        for rank in ranks:
            item = stretches[rank - 1]
            colour, dash = _STYLES[item.answer_words.partition(" : ")[0]]
            width = max(x(item.end) - x(item.start) - 1, 1)
            out.append(
                f'<g><title>{escape(_hint(item))}</title><rect x="{x(item.start)}" y="{y}" '
                f'width="{width:.1f}" height="18" fill="{colour}" fill-opacity="0.15" '
                f'stroke="{colour}" stroke-dasharray="{dash}"/>'
            )
            labels = (*(f"{rank}. {each}" for each in _labels(item)), str(rank))
            label = next((it for it in labels if width > _CHARACTER * len(it) + 6), "")
            out.append(
                f'<text x="{x(item.start) + 4}" y="{y + 13}" fill="#222">{escape(label)}</text></g>'
            )
            if until := item.maintainable_until:
                out.append(
                    f"<g><title>maintien possible jusqu'au {french_day(until)}</title>"
                    f'<rect x="{x(item.end)}" y="{y + 21}" width="{x(until) - x(item.end):.1f}" '
                    f'height="6" fill="{_COVER}"/></g>'
                )
    at = _LEFT
    for words, (colour, dash) in _STYLES.items():
        out.append(
            f'<rect x="{at}" y="{base + 18}" width="22" height="12" fill="{colour}" '
            f'fill-opacity="0.15" stroke="{colour}" stroke-dasharray="{dash}"/>'
            f'<text x="{at + 28}" y="{base + 29}">{words}</text>'
        )
        at += 115
    out.append(
        f'<rect x="{at}" y="{base + 21}" width="22" height="6" fill="{_COVER}"/>'
        f'<text x="{at + 28}" y="{base + 29}">maintien possible (trois ans)</text>'
        f'<line x1="{at + 220}" y1="{base + 24}" x2="{at + 242}" y2="{base + 24}" stroke="#000" '
        f'stroke-dasharray="2,2"/><text x="{at + 248}" y="{base + 29}">fusion, autre changement'
        "</text>"
    )
    for number, row in enumerate(rows, start=1):
        out.append(
            f'<text x="{_LEFT}" y="{base + 42 + _LINE * number}" font-size="10" '
            f'xml:space="preserve">{escape(row)}</text>'
        )
    return "".join([*out, "</svg>\n"])


def _lanes(stretches: Sequence[Stretch]) -> list[tuple[str, list[int]]]:
    """The lanes: their names, and which stretches, from 1, each shows."""
    whole: dict[str, list[int]] = {}
    of_part: dict[Commune, list[int]] = {}
    for rank, item in enumerate(stretches, start=1):
        if not item.parts:
            whole.setdefault(item.commune, []).append(rank)
        for part in item.parts:
            of_part.setdefault(part, []).append(rank)
    alike: dict[tuple[int, ...], list[Commune]] = {}
    for part in sorted(of_part, key=lambda part: (part.code, part.period.start)):
        alike.setdefault(tuple(of_part[part]), []).append(part)
    lanes = [("Tout le lieu" if alike else name, ranks) for name, ranks in whole.items()]
    for ranks, parts in alike.items():
        name = parts_words(parts, _LANE_ROOM)
        lanes.append((name[0].upper() + name[1:], list(ranks)))
    return lanes


def _hint(item: Stretch) -> str:
    """A stretch in one line: its days, class, answer, order, cover and parts."""
    order = f", {item.order_id}" if item.order_id else ""
    until = item.maintainable_until
    cover = f"\u00a0; maintien possible jusqu'au {french_day(until)}" if until else ""
    where = f" ({parts_words(item.parts)})" if item.parts else ""
    return (
        f"{french_day(item.start)} – {french_day(item.last_day)}{where} : {item.class_words}, "
        f"{item.answer_words}{order}{cover}"
    )


def _labels(item: Stretch) -> tuple[str, ...]:
    """The class in words, then as short as it can be."""
    if item.zone_class:
        return item.class_words, item.zone_class
    return (item.class_words, "lacune", "?") if item.gap else (item.class_words, "?")
