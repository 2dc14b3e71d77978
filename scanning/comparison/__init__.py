"""The proof that nothing was lost: source and PDF/A drawn by two renderers and compared page by page."""
