"""Reader for stores in one pass, and atomic writer for files."""
