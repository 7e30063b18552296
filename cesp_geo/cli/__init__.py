"""The command line: it reads arguments, calls the library and prints; it holds no rule."""

from cesp_geo.cli.main import main

__all__ = ["main"]
