"""Stack files, the model of what may stand in one, and what a stack deploys."""
