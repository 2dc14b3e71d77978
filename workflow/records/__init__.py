"""Records (E-Akte) with cases and documents, from creation to deletion."""
