"""Who is who without saying so: numbers for patients, names for images."""
