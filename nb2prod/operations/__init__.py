"""One file per verb: the story from top to bottom. Start with `convert`."""
