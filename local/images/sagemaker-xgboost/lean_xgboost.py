"""XGBoost without its interfaces to scikit-learn, pandas and Arrow.

Importing those costs two seconds and 120 MB that a container of plain arrays has no use for; XGBoost does without where they are missing.
"""

from __future__ import annotations

import sys

for absent in ("sklearn", "pandas", "pyarrow"):
    sys.modules[absent] = None  # type: ignore[assignment] -- makes its import fail

import xgboost as xgb  # noqa: E402

__all__ = ["xgb"]
