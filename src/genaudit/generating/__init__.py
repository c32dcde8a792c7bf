"""The work on one generation: its prompt, the model's answer, and what later stages read of it."""
