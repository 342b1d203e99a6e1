"""Pages: the public site as a fall-back for its pre-rendered files, forms for the public, work pages of the office."""
