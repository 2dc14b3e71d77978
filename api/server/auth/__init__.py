"""Who is calling: bearer tokens and OpenID Connect."""
