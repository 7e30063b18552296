"""The history of a place as a small picture (SVG)."""

from collections.abc import Sequence
from datetime import date
from html import escape

from cesp_geo.communes import Change
from cesp_geo.dates import french_day
from cesp_geo.siting.history import Stretch

_WIDTH, _LEFT, _ROW, _LINE = 900, 20, 56, 17
_COVER = "#4575b4"
_STYLES = {
    True: ("#1b7837", "éligible", ""),
    False: ("#636363", "non éligible", "6,3"),
    None: ("#b35806", "inconnu", "2,3"),
}


def timeline_svg(title: str, stretches: Sequence[Stretch], changes: Sequence[Change] = ()) -> str:
    """Draw stretches along the years; answers are told by words and dashes, not colour alone.

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
    lanes = list(dict.fromkeys(item.commune for item in stretches))
    dated = [(date.fromisoformat(item.day), item.reason) for item in changes]
    marks = dict.fromkeys((day, reason) for day, reason in dated if first < day < last)
    key = [*(_hint(item) for item in stretches), *(f"{french_day(d)} : {why}" for d, why in marks)]
    height = 122 + _ROW * len(lanes) + _LINE * len(key)

    def x(day: date) -> float:
        return round(_LEFT + (day - first).days * scale, 1)

    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img" '
        f'lang="fr" font-family="sans-serif" font-size="12"><title>{escape(title)}</title>',
        f'<rect width="{_WIDTH}" height="{height}" fill="#fff"/>',
        f'<text x="{_LEFT}" y="24" font-size="16" font-weight="bold">{escape(title)}</text>',
    ]
    for number, lane in enumerate(lanes):
        y = 60 + number * _ROW
        out.append(f'<text x="{_LEFT}" y="{y - 6}">{escape(lane)}</text>')
        for rank, item in enumerate(stretches, start=1):
            if item.commune != lane:
                continue
            colour, _, dash = _STYLES[item.eligible]
            width = max(x(item.end) - x(item.start) - 1, 1)
            hint = _hint(item)
            numbered = [f"{rank}. {each}" for each in _labels(item)]
            label = next((each for each in numbered if width > 7 * len(each) + 6), str(rank))
            out.append(
                f'<g><title>{escape(hint)}</title><rect x="{x(item.start)}" y="{y}" '
                f'width="{width:.1f}" height="18" fill="{colour}" fill-opacity="0.15" '
                f'stroke="{colour}" stroke-dasharray="{dash}"/>'
            )
            out.append(
                f'<text x="{x(item.start) + 4}" y="{y + 13}" fill="#222">{escape(label)}</text></g>'
            )
            if until := item.maintainable_until:
                words = f"maintien possible jusqu'au {french_day(until)}"
                out.append(
                    f"<g><title>{words}</title>"
                    f'<rect x="{x(item.end)}" y="{y + 21}" width="{x(until) - x(item.end):.1f}" '
                    f'height="6" fill="{_COVER}"/></g>'
                )
    base = 60 + len(lanes) * _ROW
    for year in range(first.year, last.year + 1):
        day = date(year, 1, 1)
        if first <= day <= last and (year % 2 == 0 or (last - first).days < 4000):
            out.append(
                f'<line x1="{x(day)}" y1="48" x2="{x(day)}" y2="{base}" stroke="#ccc"/>'
                f'<text x="{x(day) + 2}" y="{base + 4}" fill="#444">{year}</text>'
            )
    for day, reason in marks:
        hint = f"{french_day(day)} : {reason}"
        out.append(
            f'<g><title>{escape(hint)}</title><line x1="{x(day)}" y1="44" x2="{x(day)}" '
            f'y2="{base - 8}" stroke="#000" stroke-dasharray="2,2"/></g>'
        )
    at = _LEFT
    for colour, words, dash in _STYLES.values():
        out.append(
            f'<rect x="{at}" y="{base + 18}" width="22" height="12" fill="{colour}" '
            f'fill-opacity="0.15" stroke="{colour}" stroke-dasharray="{dash}"/>'
            f'<text x="{at + 28}" y="{base + 29}">{words}</text>'
        )
        at += 120
    out.append(
        f'<rect x="{at}" y="{base + 21}" width="22" height="6" fill="{_COVER}"/>'
        f'<text x="{at + 28}" y="{base + 29}">maintien possible (trois ans)</text>'
        f'<line x1="{at + 250}" y1="{base + 24}" x2="{at + 272}" y2="{base + 24}" stroke="#000" '
        f'stroke-dasharray="2,2"/><text x="{at + 278}" y="{base + 29}">fusion, autre changement'
        "</text>"
    )
    for row, line in enumerate(key, start=1):
        prefix = f"{row}. " if row <= len(stretches) else ""
        out.append(
            f'<text x="{_LEFT}" y="{base + 40 + _LINE * row}" font-size="10">'
            f"{escape(prefix + line)}</text>"
        )
    return "".join([*out, "</svg>\n"])


def _hint(item: Stretch) -> str:
    """A stretch in one line: its days, class, answer, order and cover."""
    order = f", {item.order_id}" if item.order_id else ""
    until = item.maintainable_until
    cover = f" ; maintien possible jusqu'au {french_day(until)}" if until else ""
    return (
        f"{french_day(item.start)} – {french_day(item.last_day)} : {item.class_words}, "
        f"{_STYLES[item.eligible][1]}{order}{cover}"
    )


def _labels(item: Stretch) -> tuple[str, ...]:
    """The class in words, then as short as it can be."""
    if item.zone_class:
        return item.class_words, item.zone_class
    return (item.class_words, "lacune", "?") if item.gap else (item.class_words, "?")
