"""What a person receives: tables, maps, documents."""
