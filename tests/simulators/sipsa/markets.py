"""Municipalities and wholesale markets, with DIVIPOLA codes and the codes and names that the service uses."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Municipality:
    """A municipality.

    Attributes:
        code: DIVIPOLA, five digits, with its leading zero.
        name: In capitals.
        department: In capitals.
        city_name: As the city operation spells it, or empty where it has no prices.
    """

    code: str
    name: str
    department: str
    city_name: str = ""


@dataclass(frozen=True)
class Market:
    """A wholesale market: its ``fuenId``, its ``futiId``, its ``fuenNombre`` and where it is."""

    code: int
    collection_code: int
    name: str
    municipality: Municipality


_MEDELLIN = Municipality("05001", "MEDELLÍN", "ANTIOQUIA", "MEDELLÍN")
_BARRANQUILLA = Municipality("08001", "BARRANQUILLA", "ATLÁNTICO", "BARRANQUILLA")
_BOGOTA = Municipality("11001", "BOGOTÁ, D.C.", "BOGOTÁ, D.C.", "BOGOTÁ, D.C.")
_CARTAGENA = Municipality("13001", "CARTAGENA DE INDIAS", "BOLÍVAR", "CARTAGENA DE INDIAS")
_TUNJA = Municipality("15001", "TUNJA", "BOYACÁ", "TUNJA")
_DUITAMA = Municipality("15238", "DUITAMA", "BOYACÁ")
_MANIZALES = Municipality("17001", "MANIZALES", "CALDAS", "MANIZALES")
_FLORENCIA = Municipality("18001", "FLORENCIA", "CAQUETÁ", "FLORENCIA")
_POPAYAN = Municipality("19001", "POPAYÁN", "CAUCA", "POPAYÁN")
_VALLEDUPAR = Municipality("20001", "VALLEDUPAR", "CESAR", "VALLEDUPAR")
_MONTERIA = Municipality("23001", "MONTERÍA", "CÓRDOBA", "MONTERÍA")
_NEIVA = Municipality("41001", "NEIVA", "HUILA", "NEIVA")
_SANTA_MARTA = Municipality("47001", "SANTA MARTA", "MAGDALENA", "SANTA MARTA")
_VILLAVICENCIO = Municipality("50001", "VILLAVICENCIO", "META", "VILLAVICENCIO")
_PASTO = Municipality("52001", "PASTO", "NARIÑO", "PASTO")
_IPIALES = Municipality("52356", "IPIALES", "NARIÑO", "IPIALES")
_CUCUTA = Municipality("54001", "SAN JOSÉ DE CÚCUTA", "NORTE DE SANTANDER", "CÚCUTA")
_ARMENIA = Municipality("63001", "ARMENIA", "QUINDÍO", "ARMENIA")
_PEREIRA = Municipality("66001", "PEREIRA", "RISARALDA", "PEREIRA")
_BUCARAMANGA = Municipality("68001", "BUCARAMANGA", "SANTANDER", "BUCARAMANGA")
_SINCELEJO = Municipality("70001", "SINCELEJO", "SUCRE", "SINCELEJO")
_IBAGUE = Municipality("73001", "IBAGUÉ", "TOLIMA", "IBAGUÉ")
_CALI = Municipality("76001", "CALI", "VALLE DEL CAUCA", "CALI")
_TULUA = Municipality("76834", "TULUÁ", "VALLE DEL CAUCA")
_ARAUCA = Municipality("81001", "ARAUCA", "ARAUCA")
_YOPAL = Municipality("85001", "YOPAL", "CASANARE")

MARKETS: Final = (
    Market(56, 56, "Medellín, Central Mayorista de Antioquia", _MEDELLIN),
    Market(57, 57, 'Medellín, Plaza Minorista "José María Villa"', _MEDELLIN),
    Market(71, 71, "Barranquilla, Barranquillita", _BARRANQUILLA),
    Market(72, 72, "Barranquilla, Granabastos", _BARRANQUILLA),
    Market(33, 33, "Bogotá, D.C., Corabastos", _BOGOTA),
    Market(34, 34, "Bogotá, D.C., Paloquemao", _BOGOTA),
    Market(45, 45, "Cartagena, Bazurto", _CARTAGENA),
    Market(66, 66, "Tunja, Complejo de Servicios del Sur", _TUNJA),
    Market(106, 218, "Duitama (Boyacá)", _DUITAMA),
    Market(52, 52, "Manizales, Centro Galerías", _MANIZALES),
    Market(1840, 3902, "Florencia (Caquetá)", _FLORENCIA),
    Market(61, 61, "Popayán, Plaza de mercado del barrio Bolívar", _POPAYAN),
    Market(68, 68, "Valledupar, Mercabastos", _VALLEDUPAR),
    Market(69, 69, "Valledupar, Mercado Nuevo", _VALLEDUPAR),
    Market(58, 58, "Montería, Mercado del Sur", _MONTERIA),
    Market(59, 59, "Neiva, Surabastos", _NEIVA),
    Market(1836, 3896, "Santa Marta (Magdalena)", _SANTA_MARTA),
    Market(70, 70, "Villavicencio, CAV", _VILLAVICENCIO),
    Market(60, 60, "Pasto, El Potrerillo", _PASTO),
    Market(126, 251, "Ipiales (Nariño), Centro de acopio", _IPIALES),
    Market(47, 47, "Cúcuta, Cenabastos", _CUCUTA),
    Market(48, 48, "Cúcuta, La Nueva Sexta", _CUCUTA),
    Market(29, 29, "Armenia, Mercar", _ARMENIA),
    Market(62, 62, "Pereira, Mercasa", _PEREIRA),
    Market(36, 78, "Bucaramanga, Centroabastos", _BUCARAMANGA),
    Market(64, 64, "Sincelejo, Nuevo Mercado", _SINCELEJO),
    Market(50, 50, "Ibagué, Plaza La 21", _IBAGUE),
    Market(39, 39, "Cali, Cavasa", _CALI),
    Market(41, 41, "Cali, Santa Helena", _CALI),
    Market(130, 262, "Tuluá (Valle del Cauca)", _TULUA),
    Market(1989, 4194, "Arauca (Arauca)", _ARAUCA),
    Market(1991, 4198, "Yopal (Casanare)", _YOPAL),
)
MUNICIPALITIES: Final = tuple(dict.fromkeys(market.municipality for market in MARKETS))
CITIES: Final = tuple(municipality for municipality in MUNICIPALITIES if municipality.city_name)
