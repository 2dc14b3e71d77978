"""Replacing scanning (Ersetzendes Scannen) by BSI TR-03138 RESISCAN: from the envelope to the destroyed paper."""
