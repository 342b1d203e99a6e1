"""Sound PDF files of one page, of any size."""


def pdf(stream: bytes = b"% drill") -> bytes:
    """A page, and a stream beside it that holds these bytes."""
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Resources<<>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream),
    )
    written, places = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(written))
        written += b"%d 0 obj%s endobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    trailer = b"trailer<</Size 5/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % len(written)
    return written + b"xref\n0 5\n0000000000 65535 f \n" + table + trailer


def large_pdf(size: int) -> bytes:
    """A sound PDF of exactly so many bytes."""
    filling = size - len(pdf(b"")) - 64
    content = pdf(b"x" * filling)
    while len(content) != size:
        filling += size - len(content)
        content = pdf(b"x" * filling)
    return content
