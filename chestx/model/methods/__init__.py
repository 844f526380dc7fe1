"""The two methods, behind one face."""
