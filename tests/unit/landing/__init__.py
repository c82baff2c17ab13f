"""Tests of reading DANE's workbooks: small ones made here, and the real samples where they are at hand."""
