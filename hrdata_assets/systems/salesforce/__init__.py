"""Salesforce: leads, contacts, accounts, opportunities and custom objects."""
