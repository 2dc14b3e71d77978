"""How a decision reaches whom it is for: the state of its delivery, apart from the slip that sends it out."""
