"""The columns of the data, for the program that makes it and for the one that learns from it."""

TARGET = "left"
NUMBERS = ["tenure_months", "monthly_charge", "total_charge", "age", "support_calls", "late_payments", "data_gb"]
CATEGORIES = ["contract", "payment", "internet", "region"]
COMMENT = "comment"
INPUTS = [*NUMBERS, *CATEGORIES, COMMENT]
