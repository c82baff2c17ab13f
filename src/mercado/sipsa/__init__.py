"""DANE's SIPSA web service: contract, client, parsing, loading."""
