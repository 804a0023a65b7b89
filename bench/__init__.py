"""Measures the promises of the performance budget: ratios within one run on one machine, with the database's durability on."""
