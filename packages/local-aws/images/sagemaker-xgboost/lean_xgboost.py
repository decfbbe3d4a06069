"""XGBoost without its interfaces to scikit-learn, pandas and Arrow.

Importing those costs two seconds and 120 MB that a container of plain arrays has no use for; where they are missing,
XGBoost does without.
"""

from __future__ import annotations

import sys

for absent in ("sklearn", "pandas", "pyarrow"):
    # A module that is None cannot be imported.
    sys.modules[absent] = None  # type: ignore[assignment]

import xgboost as xgb  # noqa: E402

__all__ = ["xgb"]
