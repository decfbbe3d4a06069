"""Run with `npm test -- model`, or in the folder of the model with `python3 -m unittest tests/*.py`."""

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "training"))

import churn
import prepare
from columns import INPUTS, TARGET


class Churn(unittest.TestCase):
    def test_same_seed_same_customers(self) -> None:
        self.assertTrue(prepare.make_customers(50, 3).equals(prepare.make_customers(50, 3)))
        self.assertFalse(prepare.make_customers(50, 3).equals(prepare.make_customers(50, 4)))

    def test_learns_and_answers_rows_with_text_and_missing_values(self) -> None:
        customers = prepare.make_customers(1500, 1)
        table = churn.read_rows(churn.io.StringIO(customers.to_csv(index=False, header=False)), [TARGET, *INPUTS])
        model = churn.make_model(1.0, 300).fit(table[INPUTS], table[TARGET])
        rows = '2,95,,,5,3,,monthly,cheque,fibre,north,"too expensive, and slow"\n60,40,2400,52,0,0,8,two years,card,,south,\n'
        answer, media_type = churn.output_fn(churn.predict_fn(churn.input_fn(rows, "text/csv"), model), "text/csv")
        leaves, stays = map(float, answer.split())
        self.assertEqual(media_type, "text/csv")
        self.assertGreater(leaves, 0.8)
        self.assertLess(stays, 0.2)
