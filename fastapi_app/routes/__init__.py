"""The endpoints, one file per subject; each calls one function of the package and holds no logic of its own."""
