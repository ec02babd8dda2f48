"""HubSpot: contacts, companies and deals of a CRM."""
