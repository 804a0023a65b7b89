"""积分: earned, judged by neighbours, published, spent, never forged."""
