"""The work on one generation: its prompt, the model's answer, and the parsed text."""
