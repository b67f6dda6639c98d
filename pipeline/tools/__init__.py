"""The only modules that touch heavy or outside things: the recogniser, storage, the cluster."""
