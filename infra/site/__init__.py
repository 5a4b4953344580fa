"""The docs as a site: pages that are made from the code, and how mkdocs builds all of them (`make docs`)."""
