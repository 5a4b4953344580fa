"""Pages for people: rendered on the server, phone first, no JavaScript needed."""
