"""Products and farm inputs on offer: names as DANE writes them, and price levels as they were in 2025."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Product:
    """A product of the wholesale markets.

    Attributes:
        code: ``artiId``.
        name: As the market operations spell it.
        group: In the capitals of ``grupNombre``.
        price: Usual price in COP per ``unit``.
        unit: ``kg``, ``unit`` or ``litre``; the service never says it.
        city_name: As the city operation spells it; a star marks whatever variety prevails in that city.
    """

    code: int
    name: str
    group: str
    price: int
    unit: str = "kg"
    city_name: str = ""


@dataclass(frozen=True)
class FarmInput:
    """Something a farmer buys, with its presentation in the name, and its usual price in COP."""

    name: str
    price: int


_VEGETABLES = "VERDURAS Y HORTALIZAS"
_FRUIT = "FRUTAS"
_TUBERS = "TUBERCULOS, RAICES Y PLATANOS"
_GRAINS = "GRANOS Y CEREALES"
_EGGS_AND_DAIRY = "LACTEOS Y HUEVOS"
_MEAT = "CARNES"
_FISH = "PESCADOS"
_PROCESSED = "PROCESADOS"

CITY_PRODUCTS: Final = (
    Product(52, "Ahuyama", _VEGETABLES, 1660, city_name="Ahuyama"),
    Product(57, "Arveja verde en vaina", _VEGETABLES, 4974, city_name="Arveja verde en vaina*"),
    Product(70, "Cebolla cabezona blanca", _VEGETABLES, 2184, city_name="Cebolla cabezona blanca"),
    Product(76, "Cebolla junca", _VEGETABLES, 2812, city_name="Cebolla junca*"),
    Product(83, "Chócolo mazorca", _VEGETABLES, 1463, city_name="Chócolo mazorca"),
    Product(96, "Habichuela", _VEGETABLES, 3683, city_name="Habichuela*"),
    Product(99, "Lechuga Batavia", _VEGETABLES, 1931, city_name="Lechuga Batavia"),
    Product(106, "Pimentón", _VEGETABLES, 3048, city_name="Pimentón"),
    Product(110, "Remolacha", _VEGETABLES, 2598, city_name="Remolacha*"),
    Product(123, "Tomate chonto", _VEGETABLES, 2968, city_name="Tomate*"),
    Product(130, "Zanahoria", _VEGETABLES, 2584, city_name="Zanahoria*"),
    Product(2, "Aguacate papelillo", _FRUIT, 8313, city_name="Aguacate*"),
    Product(6, "Banano Urabá", _FRUIT, 2230, city_name="Banano*"),
    Product(12, "Coco", _FRUIT, 5836, city_name="Coco"),
    Product(18, "Granadilla", _FRUIT, 7494, city_name="Granadilla"),
    Product(24, "Guayaba pera", _FRUIT, 2686, city_name="Guayaba*"),
    Product(27, "Limón común", _FRUIT, 3079, city_name="Limón común*"),
    Product(29, "Limón Tahití", _FRUIT, 1801, city_name="Limón Tahití"),
    Product(30, "Lulo", _FRUIT, 4517, city_name="Lulo"),
    Product(37, "Mango Tommy", _FRUIT, 4145, city_name="Mango Tommy"),
    Product(41, "Maracuyá", _FRUIT, 4222, city_name="Maracuyá"),
    Product(43, "Mora de Castilla", _FRUIT, 4165, city_name="Mora de Castilla"),
    Product(45, "Naranja Valencia", _FRUIT, 1792, city_name="Naranja Valencia*"),
    Product(47, "Papaya Maradol", _FRUIT, 2892, city_name="Papaya Maradol"),
    Product(50, "Piña gold", _FRUIT, 2677, city_name="Piña*"),
    Product(51, "Tomate de árbol", _FRUIT, 3352, city_name="Tomate de árbol"),
    Product(143, "Arracacha amarilla", _TUBERS, 1928, city_name="Arracacha*"),
    Product(159, "Papa criolla limpia", _TUBERS, 3245, city_name="Papa criolla"),
    Product(166, "Papa parda pastusa", _TUBERS, 967, city_name="Papa negra*"),
    Product(181, "Plátano hartón verde", _TUBERS, 2316, city_name="Plátano hartón verde"),
    Product(190, "Yuca llanera", _TUBERS, 3083, city_name="Yuca*"),
    Product(201, "Arroz de primera", _GRAINS, 3706, city_name="Arroz de primera"),
    Product(223, "Fríjol cargamanto rojo", _GRAINS, 11388, city_name="Fríjol cargamanto rojo"),
)
"""All are sold by the kilogram; ``codProducto`` is the place in this list, from 1."""
DAILY_PRODUCTS: Final = (
    *CITY_PRODUCTS,
    Product(246, "Huevo rojo A", _EGGS_AND_DAIRY, 423, unit="unit"),
    Product(338, "Aceite girasol", _PROCESSED, 16500, unit="litre"),
    Product(384, "Panela cuadrada morena", _PROCESSED, 5204),
)
"""``idArtiSemana`` is the place in this list, from 1."""
PRODUCTS: Final = (
    *DAILY_PRODUCTS,
    Product(64, "Calabaza", _VEGETABLES, 1387),
    Product(247, "Huevo rojo AA", _EGGS_AND_DAIRY, 464, unit="unit"),
    Product(262, "Queso costeño", _EGGS_AND_DAIRY, 22457),
    Product(290, "Carne de res, cadera", _MEAT, 29369),
    Product(311, "Pechuga de pollo", _MEAT, 15004),
    Product(547, "Basa, filete congelado importado", _FISH, 14375),
    Product(340, "Aceite vegetal mezcla", _PROCESSED, 9043, unit="litre"),
    Product(346, "Bocadillo veleño", _PROCESSED, 385, unit="unit"),
    Product(399, "Vinagre", _PROCESSED, 1913, unit="litre"),
)
FARM_INPUTS: Final = (
    FarmInput("Urea, 50 kilogramos", 128000),
    FarmInput("Cloruro de potasio, 50 kilogramos", 142000),
    FarmInput("Fosfato diamónico (DAP), 50 kilogramos", 189000),
    FarmInput("Triple 15, 50 kilogramos", 151000),
    FarmInput("Cal dolomita, 50 kilogramos", 21500),
    FarmInput("Sulfato de magnesio, 1 kilogramo", 5400),
    FarmInput("Gallinaza, 40 kilogramos", 18200),
    FarmInput("Malathion 57 Ec, 1 litro", 43600),
    FarmInput("Glifosato 480 Sl, 1 litro", 31900),
    FarmInput("Paraquat 200 Sl, 1 litro", 36400),
    FarmInput("Clorpirifos 480 Ec, 1 litro", 58700),
    FarmInput("Cipermetrina 200 Ec, 100 centímetros cúbicos", 13800),
    FarmInput("Imidacloprid 350 Sc, 100 centímetros cúbicos", 24900),
    FarmInput("Mancozeb 80 Wp, 1 kilogramo", 37200),
    FarmInput("Metalaxil + mancozeb Wp, 500 gramos", 41300),
    FarmInput("Oxicloruro de cobre Wp, 500 gramos", 26700),
    FarmInput("Azufre 80 Wg, 1 kilogramo", 19800),
    FarmInput("Coadyuvante agrícola, 1 litro", 33100),
)
