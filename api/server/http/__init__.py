"""Requests and answers: parsing, middleware, errors."""
