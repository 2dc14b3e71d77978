"""The databases of the workflow tests."""

from tests.workflow.conftest import durable_url, office, postgresql, postgresql_server, url

__all__ = ["durable_url", "office", "postgresql", "postgresql_server", "url"]
