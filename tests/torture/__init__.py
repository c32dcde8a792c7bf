"""Campaign against migrations and readers: crashes, power losses, and mutations of records and state files."""
