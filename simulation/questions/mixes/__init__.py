"""Mixes of steps that hold a deadline: the cheapest, and what is known of cheaper ones."""
