"""Mercado: market prices from source to served forecast."""

__version__ = "0.1.0"
