"""The law as data: dated parameters with references, and the one way to read them.

A new decree is a new line in a YAML file of this room, not new code. ``value: null`` means
that no text was found: whatever depends on it is undetermined.
"""

from cesp_geo.law.parameters import (
    Dated,
    Parameter,
    class_parameter,
    conditions,
    parameter,
    parameters,
)

__all__ = ["Dated", "Parameter", "class_parameter", "conditions", "parameter", "parameters"]
