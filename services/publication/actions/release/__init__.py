"""Release: wait for the lists, gate, prepare, gather the parts, two persons confirm, publish exactly once."""
