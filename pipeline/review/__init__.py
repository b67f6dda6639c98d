"""The editor's desk: an episode looked at, and corrected by hand, in the browser and on the command line."""
