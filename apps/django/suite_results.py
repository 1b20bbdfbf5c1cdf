"""A runner of Django's tests that writes one line of JSON for each test: its id, how it ended, seconds and the reason.

The file's name is SUITE_RESULTS. Lines are written at once, so that a run that is cut short still tells what it did.
"""

import json
import os
import time
import unittest

from django.test.runner import DiscoverRunner

STRENGTH = ["passed", "expected failure", "skipped", "unexpected success", "failed", "error"]


def append(line):
    with open(os.environ["SUITE_RESULTS"], "a", encoding="utf-8") as results:
        results.write(json.dumps(line) + "\n")


class Result(unittest.TextTestResult):
    """Keeps the worst that a test or one of its subtests met until the test stops."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.outcome, self.reason, self.began = "passed", "", time.monotonic()

    def startTest(self, test):
        super().startTest(test)
        self.outcome, self.reason, self.began = "passed", "", time.monotonic()

    def stopTest(self, test):
        self.write(test.id(), self.outcome, self.reason, time.monotonic() - self.began)
        super().stopTest(test)

    def write(self, name, outcome, reason, seconds):
        append({"test": name, "outcome": outcome, "seconds": round(seconds, 3), "reason": reason})

    def note(self, test, outcome, reason):
        if not isinstance(test, unittest.TestCase):
            # What a class or a module sets up failed (or was skipped): there is no startTest for it.
            self.write(test.id(), outcome, reason, 0)
        elif STRENGTH.index(outcome) >= STRENGTH.index(self.outcome):
            self.outcome, self.reason = outcome, reason

    def addError(self, test, err):
        super().addError(test, err)
        self.note(test, "error", self.errors[-1][1])

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.note(test, "failed", self.failures[-1][1])

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.note(test, "skipped", reason)

    def addExpectedFailure(self, test, err):
        super().addExpectedFailure(test, err)
        self.note(test, "expected failure", self.expectedFailures[-1][1])

    def addUnexpectedSuccess(self, test):
        super().addUnexpectedSuccess(test)
        self.note(test, "unexpected success", "")

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            worst = "failed" if issubclass(err[0], test.failureException) else "error"
            self.note(test, worst, str(subtest) + "\n" + self._exc_info_to_string(err, test))


class Runner(DiscoverRunner):
    """Django's runner with Result, and with the seconds that making and dropping the databases took."""

    def get_resultclass(self):
        return Result

    def step(self, name, work):
        began = time.monotonic()
        outcome, reason = "error", ""
        try:
            done = work()
            outcome = "passed"
            return done
        except Exception as problem:
            reason = repr(problem)
            raise
        finally:
            append({"step": name, "outcome": outcome, "seconds": round(time.monotonic() - began, 3), "reason": reason})

    def setup_databases(self, **kwargs):
        return self.step("setup_databases", lambda: super(Runner, self).setup_databases(**kwargs))

    def teardown_databases(self, old_config, **kwargs):
        return self.step("teardown_databases", lambda: super(Runner, self).teardown_databases(old_config, **kwargs))
