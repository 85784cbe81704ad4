"""What the database can tell about how a community is answered: figures only, never who or what."""
