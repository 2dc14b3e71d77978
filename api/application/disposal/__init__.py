"""Disposal with an archive: actions on records, and the xdomea packages that go out and come in with them."""
