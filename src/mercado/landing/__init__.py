"""DANE's price workbooks, dropped into the landing folder: recognised, read, validated, loaded or explained."""
