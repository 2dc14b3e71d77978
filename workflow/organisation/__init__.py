"""Who works where: staff and deputies, house rules of an authority, its working days."""
