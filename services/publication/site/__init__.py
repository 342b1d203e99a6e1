"""The public site: what each page shows, its rendering to bytes, and the loop that keeps the files current."""
