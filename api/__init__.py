"""The only package that speaks HTTP or to a terminal."""
