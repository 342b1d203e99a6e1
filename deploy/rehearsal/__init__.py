"""The rehearsed year: both programmes from the call to the released lists, played by many users through the public API.

`data/` holds the 28 real enterprises with published figures only; `invented` makes everybody else, marked 演练.
`driver` plays the people, `account` says afterwards what came out and whether every promise held.
"""
