"""``mercado doctor``: what a running platform looks like from outside, and what to do about what is wrong.

One module per concern; each has groups of checks, generators of `mercado.doctor.findings.Finding`. `runner` runs the
groups at once and none longer than a few seconds, so a service that hangs hides nothing else. docs/operating.md has the
table of what is checked and under which id.
"""
