"""The database's own roles: the owner lays the tables, the application says more and cannot unsay."""
