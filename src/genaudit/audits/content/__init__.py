"""The content audit: prompts that today's inputs would render otherwise, and stored texts that are no answers."""
