"""The gallery: every macro and page skeleton with invented sample data, for looking at while building."""
