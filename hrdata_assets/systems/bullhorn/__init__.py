"""Bullhorn, an applicant tracking system: candidates, clients, job orders, and what becomes of them."""
