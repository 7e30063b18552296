"""``cesp-geo historique``: every class a place ever had."""

import json
from datetime import date
from pathlib import Path

import click

from cesp_geo import communes
from cesp_geo.cli import options
from cesp_geo.cli.french import Command
from cesp_geo.dates import french_day
from cesp_geo.errors import DateError
from cesp_geo.siting.history import Stretch, first_order, place_changes, place_history, told
from cesp_geo.siting.place import resolve


@click.command(
    "historique",
    cls=Command,
    help="Donne toutes les classes de LIEU, avec les arrêtés, les lacunes et les fusions. LIEU "
    "est lu au dernier jour (--au).",
    context_settings={"ignore_unknown_options": True},
)
@click.argument("place", metavar="LIEU")
@options.day("--du", "first", text="Premier jour (par défaut celui du premier arrêté connu).")
@options.day("--au", "last", text="Dernier jour (par défaut celui de la dernière version).")
@click.option("--sortie", "target", type=options.FILE, metavar="FICHIER", help="Image en .svg.")
@options.profession_option
@options.known_option
@options.catalogue_option
@options.json_option
def historique(
    place: str,
    first: date | None,
    last: date | None,
    target: Path | None,
    profession: str,
    known_on: date | None,
    home: Path | None,
    as_json: bool,
) -> None:
    """Tell the history of a place."""
    catalogue = options.catalogue(home)
    end = last or catalogue.last_recorded
    if first and first > end:
        raise DateError(f"Le {french_day(first)} est après le {french_day(end)}. Inversez-les.")
    found = resolve(place, end, catalogue, profession)
    begin = min(first or first_order(found, catalogue, profession, known_on) or end, end)
    stretches = place_history(found, catalogue, begin, end, profession, known_on)
    changes = place_changes(found, begin, end)
    title = f"{found.unit_name} ({found.unit_code})"
    if target:
        from cesp_geo.outputs.files import refuse_suffix, writing
        from cesp_geo.outputs.timeline import timeline_svg

        refuse_suffix(target, (".svg",))
        with writing(target) as path:
            path.write_text(timeline_svg(title, stretches, changes), encoding="utf-8")
    if as_json:
        plain = [
            {
                "commune": item.commune,
                "start": item.start.isoformat(),
                "end": item.end.isoformat(),
                "order_id": item.order_id or None,
                "gap": item.gap,
                "zone_class": item.zone_class,
                "eligible": item.eligible,
                "before_cesp": item.before_cesp,
                "maintainable_until": item.maintainable_until
                and item.maintainable_until.isoformat(),
                "parts": [{"code": part.code, "name": part.name} for part in item.parts],
                "change": None,
            }
            for item in stretches
        ]
        plain += [
            {
                **dict.fromkeys(plain[0]),
                "commune": title,
                "start": day.isoformat(),
                "end": day.isoformat(),
                "gap": False,
                "before_cesp": False,
                "parts": [],
                "change": words,
            }
            for day, words in told(changes)
        ]
        plain.sort(key=lambda item: (item["start"], item["end"] != item["start"]))
        click.echo(json.dumps(plain, ensure_ascii=False, indent=2))
        return
    click.echo(click.style(title, bold=True))
    if begin < communes.KNOWN_SINCE:
        click.echo(
            "  L'histoire des communes n'est connue que depuis le "
            f"{french_day(communes.KNOWN_SINCE)} : avant, le lieu est celui de ce jour-là."
        )
    lines = [(day, f"{day.isoformat()}  {words}") for day, words in told(changes)]
    lines += [(item.start, _line(item)) for item in stretches]
    for _, line in sorted(lines, key=lambda item: item[0]):
        click.echo(f"  {line}")
    if target:
        click.echo(f"{target} écrit.")


def _line(item: Stretch) -> str:
    cover = (
        f" ; maintien possible jusqu'au {french_day(item.maintainable_until)}"
        if item.maintainable_until
        else ""
    )
    return (
        f"{item.start.isoformat()} – {item.last_day.isoformat()}  {item.commune} : "
        f"{item.class_words}, {item.answer_words}{cover}  [{item.order_id or '—'}]"
    )
