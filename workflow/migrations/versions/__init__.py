"""One module a step; none is changed once released."""
