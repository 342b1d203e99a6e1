"""The JSON API of publication: postings, objections, releases, bundles, votes."""
