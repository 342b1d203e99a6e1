"""The working calendar's next year: the State Council notice, previewed, then imported by two persons."""
