"""The file plan (Aktenplan) of an authority, and the retention and disposal that its units prescribe."""
