"""Route templates from BPMN 2.0."""
