"""click in French: its headings, its messages, and one way out for every error."""

import re
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any, NoReturn

import click

from cesp_geo.errors import CespGeoError

ANSWERED, FAULT, BAD_INPUT, UNDETERMINED = 0, 1, 2, 3


def usage_in_french(error: click.UsageError) -> str:
    """Say in French what click found wrong with a command line."""
    if isinstance(error, click.NoSuchOption):
        near = ", ".join(error.possibilities or ())
        hint = f" Vouliez-vous dire {near} ?" if near else ""
        return f"Option inconnue : {error.option_name}.{hint}"
    if isinstance(error, click.MissingParameter):
        return f"Il manque {_name_of(error.param)}."
    if isinstance(error, click.BadParameter):
        name = _name_of(error.param)
        kind = error.param.type if error.param else None
        if isinstance(kind, click.Choice):
            expected = f"choisissez parmi : {', '.join(kind.choices)}"
        elif isinstance(kind, click.IntRange):
            expected = f"écrivez un nombre entier de {kind.min} à {kind.max}"
        elif isinstance(kind, click.types.IntParamType):
            expected = "écrivez un nombre entier"
        elif isinstance(kind, click.Path):
            expected = f"donnez un {'fichier' if kind.file_okay else 'dossier'}"
        else:
            expected = error.message
        return f"Valeur refusée pour {name} : {expected}."
    text = error.format_message()
    if text.startswith("No such command"):
        return f"Commande inconnue : {text.split(maxsplit=3)[3].rstrip('.')}."
    if text.startswith("Got unexpected extra argument"):
        extra = text[text.index("(") :] if "(" in text else ""
        if extra.startswith("(--"):
            return f"Option inconnue : {extra.split()[0].strip('()')}."
        return f"Trop d'arguments {extra}. Mettez entre guillemets un nom de plusieurs mots."
    if text.startswith("Missing command"):
        return "Il manque une commande."
    if "requires an argument" in text or "requires" in text:
        return f"Il manque une valeur après {text.split()[1]}"
    return text


def _name_of(parameter: click.Parameter | None) -> str:
    """The name that a person typed or reads in the help."""
    if isinstance(parameter, click.Option):
        return parameter.opts[0]
    return parameter.human_readable_name.strip("[]") if parameter else ""


def grouped(number: float) -> str:
    """Give a whole number with its thousands apart (narrow no-break space).

    Examples
    --------
    >>> grouped(2808689)
    '2\u202f808\u202f689'
    """
    return f"{number:,.0f}".replace(",", "\u202f")


def counted(number: int, words: str) -> str:
    """Give a number with its words, in the plural from two on.

    Examples
    --------
    >>> counted(1, "projet seul"), counted(3, "projet seul")
    ('1 projet seul', '3 projets seuls')
    """
    if abs(number) < 2:
        return f"{number} {words}"
    plural = (word if word.endswith("s") else f"{word}s" for word in words.split())
    return f"{grouped(number)} {' '.join(plural)}"


def fail(message: str, status: int = BAD_INPUT) -> NoReturn:
    """Print one French line on the standard error and leave."""
    click.echo(f"cesp-geo : {message}", err=True)
    sys.exit(status)


class _French(click.Command):
    """Headings in French, for commands and groups."""

    def format_usage(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        pieces = " ".join(self.collect_usage_pieces(context))
        pieces = pieces.replace("COMMAND [ARGS]...", "COMMANDE [ARGUMENTS]...")
        formatter.write_usage(context.command_path, pieces, prefix="Usage : ")

    def format_options(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        records = [
            record
            for parameter in self.get_params(context)
            if isinstance(parameter, click.Option)
            and (record := parameter.get_help_record(context)) is not None
        ]
        if records:
            with formatter.section("Options"):
                formatter.write_dl([(name, _translated(text)) for name, text in records])
        if isinstance(self, LazyGroup):
            with formatter.section("Commandes"):
                formatter.write_dl([(name, line) for name, (_, line) in self.lazy.items()])


def _translated(text: str) -> str:
    return (
        re.sub(r"(\d+)<=x<=(\d+)", r"de \1 à \2", text)
        .replace("Show this message and exit.", "Affiche cette aide.")
        .replace("[required]", "[obligatoire]")
        .replace("[default: ", "[par défaut : ")
    )


class Command(_French):
    """A command whose help is in French."""


class LazyGroup(_French, click.Group):
    """A group whose commands are imported only when they run.

    Parameters
    ----------
    lazy : dict
        Name of each command to (``module:attribute``, one line of help in French).
    """

    def __init__(self, *args: Any, lazy: dict[str, tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lazy = lazy

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name every command, without importing it."""
        return list(self.lazy)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command, by its name."""
        if cmd_name not in self.lazy:
            return None
        module, attribute = self.lazy[cmd_name][0].split(":")
        found: click.Command = getattr(import_module(module), attribute)
        return found


def run(group: click.Group, arguments: Sequence[str] | None = None) -> NoReturn:
    """Run a command line; every error is one French line and a status."""
    try:
        status = group.main(
            list(arguments) if arguments is not None else None,
            prog_name="cesp-geo",
            standalone_mode=False,
        )
        sys.exit(status if isinstance(status, int) else ANSWERED)
    except CespGeoError as error:
        fail(str(error))
    except click.UsageError as error:
        help_line = f" Voir « {error.ctx.command_path} --help »." if error.ctx else ""
        fail(usage_in_french(error) + help_line)
    except click.ClickException as error:
        fail(error.format_message())
    except (click.Abort, KeyboardInterrupt):
        fail("Interrompu.", FAULT)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(ANSWERED)
