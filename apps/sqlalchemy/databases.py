"""A plugin of pytest: the further databases of SQLAlchemy's tests have the name that TEST_DATABASE begins, so that a server may have others."""
import os

from sqlalchemy.testing import config

_init = config.Config.__init__


def _named(self, *arguments, **options):
    _init(self, *arguments, **options)
    self.test_schema = os.environ["TEST_DATABASE"] + "_schema"
    self.test_schema_2 = os.environ["TEST_DATABASE"] + "_schema_2"


config.Config.__init__ = _named
