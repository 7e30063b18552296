"""What may be sent: every field bounded, and no other field."""

from typing import Literal

from fastapi import UploadFile
from pydantic import BaseModel, ConfigDict, Field

from cesp_geo.web.answers import FIELDS, Question

MOST_BATCH = 1000


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class AskedDay(_Strict):
    """A day, and with what knowledge it is answered."""

    le: str = Field(max_length=20)
    profession: str = Field("medecin", max_length=40)
    connu_le: str = Field("", max_length=20)

    def question(self) -> Question:
        """Give the question, not yet checked."""
        return Question(**{"place": "", **{FIELDS[key]: text for key, text in self}})


class AskedPlace(AskedDay):
    """A place on a day."""

    lieu: str = Field(max_length=200)


class Asked(AskedPlace):
    """Whether a place qualifies on a day."""

    contrat_signe_le: str = Field("", max_length=20)
    demande_le: str = Field("", max_length=20)
    liste_publiee_le: str = Field("", max_length=20)


class Batch(_Strict):
    """Several questions at once."""

    questions: list[Asked] = Field(max_length=MOST_BATCH)


class Typed(_Strict):
    """The beginning of a place, on a day."""

    texte: str = Field(max_length=200)
    le: str = Field(max_length=20)


class Address(_Strict):
    """An address."""

    texte: str = Field(max_length=200)


class Sent(_Strict):
    """A file of sites or of follow-up sheets."""

    fichier: UploadFile
    le: str = Field(max_length=20)
    genre: Literal["sites", "fiches"] = "sites"
    profession: str = Field("medecin", max_length=40)
