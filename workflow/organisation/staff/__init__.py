"""Staff: who works where, with which clearance, and who deputises for whom (Vertretung)."""
