"""What people may see of review. Scores are seen by nobody before the unsealing, only counts."""
