"""Settings for Django's own tests: both of its databases on the server that the environment names."""

import os

DATABASES = {
    alias: {
        "ENGINE": "django.db.backends.mysql",
        "HOST": os.environ["SUITE_HOST"],
        "PORT": os.environ["SUITE_PORT"],
        "USER": "root",
        "PASSWORD": os.environ.get("SUITE_PASSWORD", ""),
        "NAME": os.environ["SUITE_NAME"] + alias,
        "OPTIONS": {"charset": "utf8mb4", "connect_timeout": 20, "read_timeout": 120},
        "TEST": {"NAME": "test_" + os.environ["SUITE_NAME"] + alias, "CHARSET": "utf8mb4"},
    }
    for alias in ("default", "other")
}
SECRET_KEY = "a phrase of this test"
USE_TZ = False
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
TEST_RUNNER = "suite_results.Runner"
