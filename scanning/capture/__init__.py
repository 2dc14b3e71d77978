"""The steps of capturing paper: one file, a folder of files, upkeep and verification."""
