"""The referent's page and its API: a face, which holds no rule."""
