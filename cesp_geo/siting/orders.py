"""How an order is named in French."""

from cesp_geo import communes
from cesp_geo.zonings.model import REGIMES, Order


def describe_order(order: Order) -> str:
    """Name an order in French with its legal ground and its effect."""
    effect = order.takes_effect
    when = f"depuis le {effect}" if effect.exact else f"depuis un jour {effect}"
    return f"{name_order(order)}, pris sur le fondement « {REGIMES[order.regime]} », {when}"


def name_order(order: Order) -> str:
    """Name an order in French: number, day, region."""
    region = communes.regions().get(order.region, order.region)
    number = f" n° {order.number}" if order.number else ""
    signed = f" {order.signed.since}" if order.signed else ""
    if not order.number and not order.signed:
        signed = f" en vigueur à partir {order.takes_effect.since}"
    return f"l'arrêté{number}{signed} ({region})"
