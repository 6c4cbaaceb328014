"""The fixtures of the integration tests, for tests that take minutes."""
import importlib.util
import os
import sys

FOLDER = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "integration")
sys.path.insert(0, FOLDER)

specification = importlib.util.spec_from_file_location("integration_conftest", os.path.join(FOLDER, "conftest.py"))
integration = importlib.util.module_from_spec(specification)
specification.loader.exec_module(integration)

pytest_configure = integration.pytest_configure
pytest_runtest_makereport = integration.pytest_runtest_makereport
place = integration.place
