"""Words of the text of documents, which the log does not hold: kept beside the views, read from the files."""
