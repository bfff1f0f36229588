"""Scripts that leave the house: plain Python that plays as it played here, without mascript."""
