"""The gate's rules on simulated candles: those of the demo."""

from mercado.bitcoin.gate import GateRules
from mercado.local.programs import DEMO_TRAINING

SIMULATED_RULES = GateRules(greatest_r2=float(DEMO_TRAINING["MERCADO_GATE_GREATEST_R2"]))
