"""Settings for all tests."""

from hypothesis import HealthCheck, settings

# how long an example takes says more about the machine than about the code
settings.register_profile("archcalc", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("archcalc")
