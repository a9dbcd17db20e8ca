"""Runs users' Python blocks in processes of their own, forked from one warmed parent."""
