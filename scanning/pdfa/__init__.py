"""From scanned pages to PDF/A."""
