from pathlib import Path

import pytest

from lightning_skin.data.folders import require_folder, require_outside
from lightning_skin.errors import InputError


@pytest.mark.parametrize("inside", [".", "new", "mel/new"])
def test_nothing_is_written_among_the_images(tmp_path: Path, inside: str) -> None:
    with pytest.raises(
        InputError, match=r"^data\.x=.* lies in the images' own folder .*; name a folder outside"
    ):
        require_outside(tmp_path / inside, tmp_path, "data.x")
    require_outside(tmp_path.with_name("elsewhere"), tmp_path, "data.x")


def test_a_file_is_no_folder_and_holds_none(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match=r"^data\.x=.*file is a file, expected a folder; name another one"):
        require_folder(tmp_path / "file", "data.x")
    with pytest.raises(InputError, match=r"new lies in .*file, which is a file, expected a folder"):
        require_folder(tmp_path / "file" / "deep" / "new", "data.x")
    require_folder(tmp_path, "data.x")
    require_folder(tmp_path / "deep" / "new", "data.x")
