"""The only modules that touch heavy or outside things: sound files, models, storage, the web, the cluster."""
