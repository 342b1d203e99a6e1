"""What people and workflows may do in review: check the rule, then row + audit + facts in one transaction."""
