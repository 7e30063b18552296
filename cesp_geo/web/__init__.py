"""The referent's page, on this machine."""
