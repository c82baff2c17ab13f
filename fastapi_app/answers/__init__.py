"""What the read API answers, one file per subject: every field with its unit, as `mercado.marts` reads it."""
