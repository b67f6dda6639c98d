"""Escaleta: post-production for podcasts from the running order."""
