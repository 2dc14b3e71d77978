"""What all pages share: templates, the visitor, forms made from commands, labels and numbers in both languages."""
