"""The service that keeps photos and files: takes them in, cleans them, has them checked, and hands them out by signed link."""
