"""The people of an authority, their presence, what lies before them, and the engine that decides what they do."""
