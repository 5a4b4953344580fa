"""The edge: Chalice blueprints by audience, the authorizer, the state machine's Lambdas, the schedule."""
