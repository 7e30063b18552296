"""What a verdict says of itself, in French: its reasoning, law, assumptions, and mends."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

from cesp_geo import communes
from cesp_geo.dates import french_day
from cesp_geo.law import class_parameter, parameter
from cesp_geo.law.parameters import Dated
from cesp_geo.siting.eligibility import (
    ELIGIBLE,
    MAY_BE_MAINTAINED,
    NOT_ELIGIBLE,
)
from cesp_geo.siting.orders import describe_order, name_order
from cesp_geo.siting.reasons import GATE_REASONS
from cesp_geo.siting.words import MENDS, POSSIBLE_WORDS, REASON_WORDS
from cesp_geo.zonings.catalogue import Catalogue
from cesp_geo.zonings.model import ZONE_CLASSES, Designation, Order, Zoning
from cesp_geo.zonings.track import Doubt, Spell, reading_codes

if TYPE_CHECKING:
    from cesp_geo.siting.check import Inputs, PartJudgement
    from cesp_geo.siting.place import Place

_TOLD_BY_DAY_OF_EFFECT = ("effective_day_uncertain", "content_not_loaded")


@dataclass(frozen=True)
class Case:
    """A judged place, from which every sentence of the verdict is drawn."""

    place: "Place"
    inputs: "Inputs"
    catalogue: Catalogue
    parts: "Sequence[PartJudgement]"
    near: "Sequence[PartJudgement]"
    possible: tuple[str, ...]
    reason: str

    @property
    def by_list(self) -> bool:
        """Whether the list's day decides: the day asked alone does not settle it."""
        return self.inputs.list_published_on is not None and not all(
            part.on_day.verdict == ELIGIBLE for part in self.parts
        )

    @property
    def decisive_day(self) -> date:
        """The day whose zoning is shown."""
        listed = self.inputs.list_published_on
        return listed if self.by_list and listed else self.inputs.on

    @cached_property
    def decisive(self) -> tuple[Spell | None, ...]:
        """What rules, or may rule, the place on the decisive day."""
        return tuple(dict.fromkeys(spell for part in self.parts for spell in self._ruling(part)))

    def _ruling(self, part: "PartJudgement") -> tuple[Spell | None, ...]:
        return part.judgement.on_list if self.by_list else part.on_day.on

    @cached_property
    def maybe_in_force(self) -> tuple[Spell, ...]:
        """What takes effect on a day too little known to say if it rules on the decisive day."""
        ruling = (held for part in self.parts if len(held := self._ruling(part)) > 1)
        spells = (spell for held in ruling for spell in held if spell and not spell.effective.exact)
        return tuple(dict.fromkeys(spells))

    @cached_property
    def designations(self) -> tuple[Designation, ...]:
        """What the versions in force on the decisive day say of the place."""
        return self._designations(self.decisive)

    def _designations(self, spells: Sequence[Spell | None]) -> tuple[Designation, ...]:
        found = []
        for part in self.parts:
            for spell in self._ruling(part):
                zoning = spell and self.catalogue.zonings.get(spell.given_by)
                item = zoning and spell in spells and self.designation(zoning, part)
                if item:
                    found.append(item)
        return tuple(dict.fromkeys(found))

    def designation(self, zoning: Zoning, part: "PartJudgement") -> Designation | None:
        """What a version says of a part, or of what is asked about inside it."""
        if part.focus.subunit in zoning.by_subunit:
            return zoning.by_subunit[part.focus.subunit]
        inside = [code for key, code in sorted(part.focus.inside) if key == zoning.id]
        if inside:
            return zoning.by_subunit.get(inside[0])
        holder = communes.commune_on(part.elit, self.decisive_day)
        codes = reading_codes(zoning, part.elit, holder) if holder else ()
        return next((zoning.by_commune[code] for code in codes if code in zoning.by_commune), None)

    @property
    def zone_label(self) -> str | None:
        """The name that the order gives to the zone, or that of the designated sub-unit."""
        labels = {
            item.zone_label or (item.unit_name if item.is_subunit else "")
            for item in self.designations
        } - {""}
        return labels.pop() if len(labels) == 1 else None

    def explanation(self) -> Iterator[str]:
        """The reasoning, sentence by sentence."""
        yield self._where()
        if self.reason in GATE_REASONS:
            yield REASON_WORDS[self.reason]
            return
        if self.maybe_in_force:
            yield from self._before_and_after()
        else:
            spells = (self._order_in_force(spell) for spell in self.decisive if spell)
            yield from dict.fromkeys(spells)
            yield from (f"Il {words}." for words in self._class(self.decisive))
        yield from self._subunit_counts()
        if not (self.maybe_in_force and self.reason in _TOLD_BY_DAY_OF_EFFECT):
            yield REASON_WORDS[self.reason]
        yield from self._near_words()
        yield from self._parts_words()
        yield from self._cover()

    def _where(self) -> str:
        place, day = self.place, french_day(self.inputs.on)
        held = ", ".join(f"{item.name} ({item.code})" for item in place.communes)
        then = {(item.code, item.name) for item in place.communes}
        today = [item for item in place.communes_today if (item.code, item.name) not in then]
        now = ", ".join(f"{item.name} ({item.code})" for item in today)
        since = f" ; aujourd'hui {now}" if now else ""
        if place.is_point:
            border = place.border_distance_m or 0
            limit = "sur une limite" if place.on_border else f"à {border:.0f} m de sa limite"
            return f"Le {day}, le point {place.lat},{place.lon} est à {held}, {limit}{since}."
        if place.unit_type not in ("commune", "arrondissement_municipal"):
            return f"Le {day} : {place.unit_name} ({place.unit_code}), à {held}{since}."
        return f"Le {day} : {place.unit_name} ({place.unit_code}){since}."

    def _order_in_force(self, spell: Spell) -> str:
        return f"Le {french_day(self.decisive_day)} s'applique {self._described(spell)}."

    def _described(self, spell: Spell) -> str:
        held = "" if spell.given_by in self.catalogue.zonings else " ; son contenu n'est pas chargé"
        return f"{describe_order(self.order_of(spell.given_by))}{held}"

    def order_of(self, order_id: str) -> Order:
        """The order of a version, or of a gap."""
        return self.catalogue.order(order_id, self.inputs.profession, self.inputs.known_on)

    def _before_and_after(self) -> Iterator[str]:
        """What rules before and after a day of effect known to the month or the year only."""
        for spell in self.decisive:
            if spell in self.maybe_in_force:
                near = "à l'année" if len(spell.effective.iso) == 4 else "au mois"
                yield (
                    f"Le jour d'effet de {name_order(self.order_of(spell.order_id))} n'est connu "
                    f"qu'{near} près ({spell.effective}) : on ne sait pas s'il s'applique le "
                    f"{french_day(self.decisive_day)}."
                )
                held = spell.given_by in self.catalogue.zonings
                unread = ["s'applique, mais son contenu n'est pas chargé"]
                words = self._class([spell]) if held else unread
                yield from (f"À partir de ce jour, il {item}." for item in words)
            elif spell:
                yield f"Avant ce jour s'applique {self._described(spell)}."
                yield from (f"Il {words}." for words in self._class([spell]))
            else:
                yield "Avant ce jour, aucun arrêté de zonage n'est connu pour ce lieu."

    def _class(self, spells: Sequence[Spell | None]) -> Iterator[str]:
        found = self._designations(spells)
        for item in found[:3]:
            label = f", « {item.zone_label} »" if item.zone_label else ""
            words = ZONE_CLASSES[item.zone_class]
            if item.zone_class in ("HZ", "NC"):
                yield f"donne {item.unit_name or item.unit_code} pour « {words} »{label}"
            else:
                yield f"classe {item.unit_name or item.unit_code} en {words}{label}"
        if not found and any(spell and spell.standing.zone_class == "HZ" for spell in spells):
            yield "est réputé nommer toutes ses zones, et ce lieu n'en est pas"

    def _subunit_counts(self) -> Iterator[str]:
        """How the sub-units inside the place are classed, where they bear on the answer."""
        for spell in self.decisive:
            zoning = spell and self.catalogue.zonings.get(spell.order_id)
            if not (spell and zoning and Doubt.SUBUNITS in spell.standing.doubts):
                continue
            inside = {
                item.unit_code: item
                for part in self.parts
                if (holder := communes.commune_on(part.elit, self.decisive_day))
                for file in self.files(spell)
                for code in reading_codes(file, part.elit, holder)
                for item in file.subunits_in(code, holder.departement)
            }
            later = spell.order_id != spell.given_by
            subject = f"L{name_order(zoning.order)[1:]}" if later else "Il"
            placed = [item for item in inside.values() if item.commune_codes]
            if placed:
                yield f"{subject} y classe {_counted(placed)}."
            if len(placed) < len(inside):
                unplaced = [item for item in inside.values() if not item.commune_codes]
                yield (
                    f"{subject} classe {_counted(unplaced)} sans dire dans quelle commune : ce "
                    "lieu peut en contenir."
                )
            if Doubt.NOT_COVERED in spell.standing.doubts:
                yield "La table des communes de cet arrêté n'est pas chargée."
            return

    def files(self, spell: Spell) -> Iterator[Zoning]:
        """The version of a spell, and those of its region that take effect with it."""
        inputs = self.inputs
        for entry in self.catalogue.timeline(spell.region, inputs.profession, inputs.known_on):
            if entry.zoning and entry.effective == spell.effective:
                yield entry.zoning

    def _near_words(self) -> Iterator[str]:
        if self.reason != "near_border":
            return
        for part in self.near:
            words = ", ".join(POSSIBLE_WORDS[item] for item in sorted(part.judgement.possible))
            holder = communes.commune_on(part.elit, self.inputs.on)
            if holder and not part.judgement.possible <= self._own_possible:
                yield f"À {part.distance_m:.0f} m, {holder.name} ({holder.code}) : {words}."

    @property
    def _own_possible(self) -> frozenset[str]:
        return frozenset().union(*(part.judgement.possible for part in self.parts))

    def _parts_words(self) -> Iterator[str]:
        if self.reason not in ("parts_differ", "inseparable_group"):
            return
        by_answer: dict[tuple[str, ...], list[str]] = {}
        for part in self.parts:
            answer = tuple(sorted(part.judgement.possible))
            by_answer.setdefault(answer, []).append(_part_name(part.elit))
        for answer, names in by_answer.items():
            words = " ou ".join(POSSIBLE_WORDS[item] for item in answer)
            yield f"{', '.join(dict.fromkeys(names))} : {words}."

    def _cover(self) -> Iterator[str]:
        days = [part.judgement.last_eligible_day for part in self.parts]
        if None in days or (self.possible == (NOT_ELIGIBLE,) and self.by_list):
            return
        last = min(day for day in days if day)
        untils = [part.judgement.maintainable_until for part in self.parts]
        if last < self.decisive_day:
            yield f"Dernier jour d'éligibilité connu : {french_day(last)}."
            if None not in untils:
                until = min(day for day in untils if day)
                yield (
                    f"À ce seul titre, une liste publiée jusqu'au {french_day(until)} peut "
                    "maintenir ce lieu."
                )

    def would_change(self) -> Iterator[str]:
        """What would settle an undetermined answer, or change a settled one."""
        if self.reason in MENDS:
            inside = self.reason == "subunits_differ"
            unknowns = [spell for part in self.parts for spell in part.judgement.unknowns if spell]
            if self.reason == "effective_day_uncertain":
                unknowns = list(self.maybe_in_force)
            ids = dict.fromkeys(item.order_id if inside else item.given_by for item in unknowns)
            earlier = "un arrêté que le calendrier ne connaît pas"
            unnamed = earlier if self.reason == "window_not_known" else "l'arrêté en cause"
            for order in [name_order(self.order_of(key)) for key in ids] or [unnamed]:
                yield MENDS[self.reason].format(order=order)
        elif self.possible == (ELIGIBLE,):
            yield (
                "Un nouvel arrêté de zonage qui prendrait effet avant l'installation : "
                "c'est le zonage du jour de l'installation qui compte."
            )
        elif self.possible == (NOT_ELIGIBLE,):
            if not self.inputs.list_published_on:
                yield (
                    "Une liste nationale publiée dans les trois ans qui suivent la perte de la "
                    "classe : indiquez son jour avec --liste-publiee-le."
                )
            yield "Un nouvel arrêté de zonage qui classerait ce lieu."
        elif self.possible == (MAY_BE_MAINTAINED,):
            yield "La décision de l'autorité qui arrête la liste nationale."

    def law(self, opening: Dated) -> tuple[Dated, ...]:
        """The parameters applied, with their references."""
        found: list[Dated] = [opening]
        if self.reason in GATE_REASONS:
            return tuple(found)
        for spell in self.decisive:
            for zone_class in sorted(filter(None, spell.standing.alternatives if spell else ())):
                item = spell and class_parameter(self.inputs.profession, zone_class, spell.region)
                dated = item and item.on(self.inputs.applied_on or self.decisive_day)
                if dated:
                    found.append(dated)
        if self.inputs.list_published_on:
            for name in (
                "liste.duree",
                "liste.fenetre",
                "liste.premier_jour_compris",
                "liste.inscription_anterieure_exigee",
            ):
                dated = parameter("national_list", name, self.inputs.list_published_on)
                if dated:
                    found.append(dated)
        return tuple(dict.fromkeys(found))

    def data(self) -> Iterator[Mapping[str, Any]]:
        """The versions used."""
        spells = [
            spell
            for part in (*self.parts, *self.near)
            for spell in (*part.judgement.on, *part.judgement.on_list, *part.judgement.unknowns)
            if spell
        ]
        used = [name for spell in spells for name in (spell.order_id, spell.given_by)]
        used += [part.judgement.last_order for part in self.parts]
        for order_id in sorted(set(used)):
            zoning = self.catalogue.zonings.get(order_id)
            if zoning:
                yield {
                    "zoning_id": zoning.id,
                    "sha256": zoning.sha256,
                    "source": " ; ".join(item.title for item in zoning.sources),
                }

    def operations(self) -> Iterator[str]:
        """The steps taken."""
        inputs = self.inputs
        yield f"Lieu lu au {french_day(inputs.on)} et ramené à ses parties stables (élits)."
        yield (
            f"Arrêtés connus au {french_day(inputs.known_on)} réunis pour chaque partie, dans "
            "l'ordre de leur effet."
        )
        yield f"Classe en vigueur le {french_day(inputs.on)} confrontée au droit de ce jour."
        if inputs.list_published_on:
            yield (
                "Sinon, statut sur une liste publiée le "
                f"{french_day(inputs.list_published_on)}, d'après les trois ans qui précèdent."
            )
        if self.place.near:
            yield "Même question posée aux communes voisines, le point étant près d'une limite."


def _part_name(elit: int) -> str:
    return communes.tenures(elit)[0].name


def _counted(quarters: Sequence[Designation]) -> str:
    counts = Counter(item.zone_class for item in quarters)
    words = ", ".join(f"{count} {name}" for name, count in sorted(counts.items()))
    return f"{len(quarters)} quartier{'s' if len(quarters) > 1 else ''} ({words})"
