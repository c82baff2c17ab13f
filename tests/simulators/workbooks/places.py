"""The markets and municipalities of the workbooks, by the names that each sheet has for them."""

from dataclasses import dataclass
from typing import Final

DAILY_MARKETS: Final = (
    "Armenia, Mercar",
    "Barranquilla",
    "Bogotá, Corabastos",
    "Bucaramanga, Centroabastos",
    "Cali, Cavasa",
    "Cartagena, Bazurto",
    "Cúcuta, Cenabastos",
    "Ibagué, La 21",
    "Manizales, Centro Galerías",
    "Medellín, CMA",
    "Neiva, Surabastos",
    "Pereira, Mercasa",
    "Popayán",
    "Tunja",
    "Valledupar",
    "Villavicencio, CAV",
)
"""Barranquilla's and Valledupar's prices are averages of their markets."""
WEEKLY_MARKETS: Final = (
    "Ancuya (Nariño)",
    "Arauca (Arauca)",
    "Armenia, Mercar",
    "Barranquilla, Barranquillita",
    "Barranquilla, Granabastos",
    "Bogotá, D.C., Corabastos",
    "Bogotá, D.C., Paloquemao",
    "Bogotá, D.C., Plaza España",
    "Bogotá, D.C., Plaza Las Flores",
    "Bucaramanga, Centroabastos",
    "Bucaramanga, Mercados del centro",
    "Buenaventura (Valle del Cauca)",
    "Cali, Cavasa",
    "Cali, Galería Alameda",
    "Cali, La Floresta",
    "Cali, Santa Elena",
    "Cali, Siloé",
    "Cartagena, Bazurto",
    "Cartago (Valle del Cauca)",
    "Chiquinquirá (Boyacá)",
    "Consacá (Nariño)",
    "Cúcuta, Cenabastos",
    "Cúcuta, La Nueva Sexta",
    "Duitama (Boyacá), Mercaplaza",
    "El Carmen de Viboral (Antioquia)",
    "El Santuario (Antioquia)",
    "Florencia (Caquetá)",
    "Ibagué, Plaza La 21",
    "Ipiales (Nariño), Centro de acopio",
    "La Ceja (Antioquia)",
    "La Unión (Nariño)",
    "Manizales, Centro Galerías",
    "Marinilla (Antioquia)",
    "Medellín, Central Mayorista de Antioquia",
    'Medellín, Plaza Minorista "José María Villa"',
    "Montería, Mercado del Sur",
    "Neiva, Surabastos",
    "Palmira (Valle del Cauca)",
    "Pamplona (Norte de Santander)",
    "Pasto, El Potrerillo",
    "Pereira, La 41-Impala",
    "Pereira, Mercasa",
    "Popayán, Plaza de mercado del barrio Bolívar",
    "Rionegro (Antioquia)",
    "San Gil (Santander)",
    "San Gil (Santander), panela",
    "San Vicente Ferrer (Antioquia)",
    "Santa Bárbara (Antioquia)",
    "Santa Marta (Magdalena)",
    "Sincelejo, Nuevo Mercado",
    "Sonsón (Antioquia)",
    "Tibasosa (Boyacá), Coomproriente",
    "Tuluá (Valle del Cauca)",
    "Tunja, Complejo de Servicios del Sur",
    "Túquerres (Nariño)",
    "Valledupar, Mercado Nuevo",
    "Villavicencio, CAV",
    "Yopal (Casanare)",
)
OLD_MARKET_NAMES: Final = {
    "Cali, Santa Elena": "Cali, Santa Helena",
    "Pereira, La 41-Impala": "Pereira, La 41",
    "San Gil (Santander), panela": "San Gil (Santander)panela",
}
SUPPLY_MARKETS: Final = {
    "Armenia, Mercar": 2_000.0,
    "Barranquilla, Barranquillita y Granabastos": 9_500.0,
    "Bogotá, D.C., Corabastos, Paloquemao, Plaza Las Flores y Plaza Samper Mendoza": 44_000.0,
    "Bucaramanga, Centroabastos": 9_700.0,
    "Cali, Cavasa y Santa Elena": 11_000.0,
    "Cartagena, Bazurto": 5_500.0,
    "Cúcuta, Cenabastos y La Nueva Sexta": 5_800.0,
    "Florencia (Caquetá)": 270.0,
    "Ibagué, Plaza La 21": 1_000.0,
    "Ipiales, Centro de Acopio**": 1_100.0,
    "Manizales, Centro Galerías": 2_000.0,
    "Medellín, Central Mayorista de Antioquia y Plaza Minorista José María Villa": 23_000.0,
    "Montería, Mercado del Sur": 900.0,
    "Neiva, Surabastos": 1_900.0,
    "Pasto, El Potrerillo": 1_600.0,
    "Pereira, La 41-Impala y Mercasa": 2_800.0,
    "Popayán, Plaza de Mercado del Barrio Bolívar": 1_300.0,
    "Santa Marta (Magdalena)": 1_000.0,
    "Sincelejo, Nuevo Mercado": 2_600.0,
    "Tibasosa, Coomproriente": 1_500.0,
    "Tunja, Complejo de Servicios del Sur": 3_000.0,
    "Valledupar, Mercabastos y Mercado Nuevo": 1_500.0,
    "Villavicencio, Central de Abastos de Villavicencio": 1_900.0,
}
"""Usual tonnes a week by market. Ipiales has three groups only, as its stars say in a note."""


@dataclass(frozen=True)
class RiceTown:
    """A municipality with rice mills: its name, its department and its DIVIPOLA code."""

    name: str
    department: str
    code: str


RICE_TOWNS: Final = (
    RiceTown("Acacías", "Meta", "50006"),
    RiceTown("Aguazul", "Casanare", "85010"),
    RiceTown("Alvarado", "Tolima", "73026"),
    RiceTown("Barranquilla", "Atlántico", "08001"),
    RiceTown("Bucaramanga", "Santander", "68001"),
    RiceTown("Campoalegre", "Huila", "41132"),
    RiceTown("Cúcuta", "Norte de Santander", "54001"),
    RiceTown("Espinal", "Tolima", "73268"),
    RiceTown("Granada", "Meta", "50313"),
    RiceTown("Ibagué", "Tolima", "73001"),
    RiceTown("Lérida", "Tolima", "73408"),
    RiceTown("Magangué", "Bolívar", "13430"),
    RiceTown("Montería", "Córdoba", "23001"),
    RiceTown("Neiva", "Huila", "41001"),
    RiceTown("Planeta Rica", "Córdoba", "23555"),
    RiceTown("Sahagún", "Córdoba", "23660"),
    RiceTown("San Marcos", "Sucre", "70708"),
    RiceTown("San Martín", "Meta", "50689"),
    RiceTown("Valledupar", "Cesar", "20001"),
    RiceTown("Villavicencio", "Meta", "50001"),
    RiceTown("Yopal", "Casanare", "85001"),
)
RICE_PRODUCTS: Final = {
    "Arroz blanco empacado": 3_600_000.0,
    "Arroz blanco en bulto": 3_250_000.0,
    "Arroz cristal": 1_900_000.0,
    "Arroz granza": 1_450_000.0,
    "Arroz paddy verde": 1_500_000.0,
    "Harina de arroz": 1_250_000.0,
}
"""Usual prices, COP per tonne."""
