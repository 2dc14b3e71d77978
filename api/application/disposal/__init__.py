"""Disposal with an archive: actions on records, and the xdomea packages that go out and come in with them."""

LAV = "Landesarchiv Nordrhein-Westfalen"
"""The archive that is meant where nobody names one (§ 1 ArchivG NRW)."""
