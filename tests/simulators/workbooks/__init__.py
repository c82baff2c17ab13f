"""DANE's price workbooks, made up from a seed and written as DANE writes them, down to the dirt.

A book (`model`) is what a workbook says, whatever it looks like; `daily` and `weekly` make books up. `dirt` is how
badly one is written, `writing` writes it, and `expected` knows which rows a correct reader finds in it.
Layouts and dirt are those of the real files; names of products, markets and municipalities are real, figures are not.
`python -m tests.simulators.workbooks FOLDER` writes a mixture of them.
"""
