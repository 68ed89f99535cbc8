"""Programs that compose the components themselves."""
