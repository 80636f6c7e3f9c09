"""Compose, check, build and dispatch a run: ``python scripts/run.py --help``."""

from lightning_skin.cli.main import main

if __name__ == "__main__":
    main()
