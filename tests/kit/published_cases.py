"""The recorder test cases that the `eventsourcing` library publishes, from the installed package.

Their module also holds cases for the library's own cipher and imports it at the top, which needs a
package that Defter has no use for. No recorder case touches it, so an empty module stands in its
place while the cases are imported.
"""

import sys
from types import ModuleType
from unittest.mock import patch


class AESCipher:
    """Only the name: nothing here encrypts."""


_CIPHER = ModuleType("eventsourcing.cipher")
_CIPHER.AESCipher = AESCipher  # type: ignore[attr-defined]

with patch.dict(sys.modules, {_CIPHER.__name__: _CIPHER}):
    from eventsourcing.tests import persistence as cases

__all__ = ["cases"]
