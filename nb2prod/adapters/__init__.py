"""The hands that touch the world: files, notebooks, kernels, git, DVC."""
