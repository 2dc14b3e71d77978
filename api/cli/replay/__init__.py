"""Commands of `eva replay`: run files, record a sandbox, import BPMN."""
