"""Sends, follows, stops and explains uploads."""
