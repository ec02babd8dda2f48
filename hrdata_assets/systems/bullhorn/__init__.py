"""Bullhorn: candidates, jobs and what becomes of them, over its REST API."""
