"""表决轮次: one question, its options, its rule, its window; the rule engine and its presets."""
