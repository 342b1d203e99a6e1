"""Uploads on their way: parts that come and go on after a cut, the check, the locked bucket, what is swept."""
