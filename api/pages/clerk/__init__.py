"""The pages of a clerk's day: inbox, routing slips, records, mail."""

from api.pages.clerk import compose, contents, inbox, mail, persons, record, routing_slip, uploads

ROUTERS = [module.router for module in (inbox, persons, contents, uploads, compose, routing_slip, record, mail)]
