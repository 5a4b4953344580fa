"""What the API and the pages share: the error boundary, who calls, problems, shapes, the contract."""
