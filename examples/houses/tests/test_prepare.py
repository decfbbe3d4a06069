"""Run with `npm test -- model`, or in the folder of the model with `python3 -m unittest tests/*.py`."""

import unittest

import prepare


class MakeHouses(unittest.TestCase):
    def test_same_seed_same_houses(self) -> None:
        self.assertTrue(prepare.make_houses(50, 3).equals(prepare.make_houses(50, 3)))
        self.assertFalse(prepare.make_houses(50, 3).equals(prepare.make_houses(50, 4)))

    def test_prices_follow_from_the_columns(self) -> None:
        houses = prepare.make_houses(4000, 1)
        self.assertEqual(list(houses.columns), prepare.COLUMNS)
        correlations = houses.corr()["price"]
        self.assertGreater(correlations["area_m2"], 0.7)
        self.assertLess(correlations["age_years"], -0.2)
        self.assertLess(correlations["centre_km"], 0)
