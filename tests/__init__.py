"""Tests, by cost: unit, dags, integration, api, e2e; and the simulators that they and the demo start."""
