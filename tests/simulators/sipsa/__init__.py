"""A stand-in for DANE's SIPSA web service: its contract, its wire form, and answers of any size.

The contract follows from `mercado.sipsa.contract`; products, municipalities and price levels are real, prices are made
up from a seed. Each answer is generated while it is sent, so that its size takes no memory.
"""
