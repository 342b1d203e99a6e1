"""What came out of a rehearsed year: gathered through the API, judged promise by promise, printed."""
