"""The history of a place as a small picture (SVG)."""

from collections.abc import Sequence
from datetime import date
from html import escape

from cesp_geo.dates import french_day
from cesp_geo.siting.history import Stretch

_WIDTH, _LEFT, _ROW = 900, 20, 46
_STYLES = {
    True: ("#1b7837", "éligible", ""),
    False: ("#636363", "non éligible", "6,3"),
    None: ("#b35806", "inconnu", "2,3"),
}


def timeline_svg(title: str, stretches: Sequence[Stretch]) -> str:
    """Draw stretches along the years; answers are told by words and dashes, not colour alone.

    Parameters
    ----------
    title : str
    stretches : sequence of Stretch

    Returns
    -------
    str
        A stand-alone SVG in French.
    """
    first = min(item.start for item in stretches)
    last = max(item.end for item in stretches)
    scale = (_WIDTH - 2 * _LEFT) / max((last - first).days, 1)
    lanes = list(dict.fromkeys(item.commune for item in stretches))
    height = 70 + _ROW * len(lanes) + 40

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
        for item in (each for each in stretches if each.commune == lane):
            colour, words, dash = _STYLES[item.eligible]
            width = max(x(item.end) - x(item.start) - 1, 1)
            days = f"{french_day(item.start)} – {french_day(item.last_day)}"
            hint = f"{days} : {item.class_words}, {words}"
            label = next(
                (each for each in _labels(item) if width > 7 * len(each) + 6),
                "",
            )
            out.append(
                f'<g><title>{escape(hint)}</title><rect x="{x(item.start)}" y="{y}" '
                f'width="{width:.1f}" height="18" fill="{colour}" fill-opacity="0.15" '
                f'stroke="{colour}" stroke-dasharray="{dash}"/>'
            )
            if label:
                out.append(
                    f'<text x="{x(item.start) + 4}" y="{y + 13}" fill="#222">{escape(label)}</text>'
                )
            out.append("</g>")
    base = 60 + len(lanes) * _ROW
    for year in range(first.year, last.year + 1):
        day = date(year, 1, 1)
        if first <= day <= last and (year % 2 == 0 or (last - first).days < 4000):
            out.append(
                f'<line x1="{x(day)}" y1="48" x2="{x(day)}" y2="{base}" stroke="#ccc"/>'
                f'<text x="{x(day) + 2}" y="{base + 4}" fill="#444">{year}</text>'
            )
    at = _LEFT
    for colour, words, dash in _STYLES.values():
        out.append(
            f'<rect x="{at}" y="{base + 18}" width="22" height="12" fill="{colour}" '
            f'fill-opacity="0.15" stroke="{colour}" stroke-dasharray="{dash}"/>'
            f'<text x="{at + 28}" y="{base + 29}">{words}</text>'
        )
        at += 140
    return "".join([*out, "</svg>\n"])


def _labels(item: Stretch) -> tuple[str, ...]:
    """The class in words, then as short as it can be."""
    if item.zone_class:
        return item.class_words, item.zone_class
    return (item.class_words, "lacune", "?") if item.gap else (item.class_words, "?")
