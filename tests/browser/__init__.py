"""The page and the consoles as a person sees them: a real platform in a headless Chromium (`make test-browser`)."""
