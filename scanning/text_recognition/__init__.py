"""Recognition of text on scanned pages by a program that may be installed beside this one."""
