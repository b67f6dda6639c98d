"""The editor's desk: an episode looked at, and corrected by hand, in the browser and from the command line."""
