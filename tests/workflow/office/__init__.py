"""Office's workflows with time skipping and small fakes of its activities."""
