"""Mail folders (E-Postmappe): incoming items from receipt to the file they belong to."""
