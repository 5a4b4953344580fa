"""The docs: pages that are made from the code (`python -m infra.site`), and how mkdocs makes a site of all of them
(`make docs`)."""
