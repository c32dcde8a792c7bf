"""Reading a store in one pass, and writing files so that they are whole or not there."""
