"""The entry script on the sample configuration."""

import sys
from pathlib import Path

from lightning_skin.cli.main import launch

if __name__ == "__main__":
    sys.exit(launch(sys.argv[1:], Path(__file__).resolve().parent / "conf"))
