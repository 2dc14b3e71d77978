"""Disposal (Aussonderung): closed files go to the archive or are deleted, in steps that two bodies agree on."""
