"""The public split of DermaMNIST (Yang et al., Scientific Data 10:41) on the images of HAM10000.

::

    root/            as HAM10000 (see ``ham10000.py``)
    split table      image_id,split   in root by default; train, val or test for each image

The split is by image: a third of its test images show a lesion that was trained on.
"""

from pathlib import Path

from lightning_skin.data.examples import first_few
from lightning_skin.data.ham10000 import ham10000
from lightning_skin.data.metadata import image_name, read_rows
from lightning_skin.data.sources import SPLIT_FOLDERS, Source
from lightning_skin.errors import InputError


def dermamnist(root: str, split_table: str) -> Source:
    """Read HAM10000 with the split that published DermaMNIST scores are measured on.

    Args:
        root: Of HAM10000.
        split_table: Table with the columns ``image_id`` and ``split``; relative to the working directory.

    Raises:
        InputError: As ``ham10000``; or the table cannot be read, leaves images out, or names another split.
    """
    source = ham10000(root)
    file = Path(split_table).expanduser()
    rows = read_rows(file, "data.split_table", "image_id", ("split",))
    splits = source.table["path"].map(image_name).map(rows["split"]).fillna("")
    if (absent := splits == "").any():
        raise InputError(
            f"{file} gives no split for {absent.sum()} image(s): {first_few(source.table['path'][absent])}; "
            "complete it, or move the images away"
        )
    if odd := sorted(set(splits) - set(SPLIT_FOLDERS)):
        raise InputError(f"{file} has the split {odd[0]}, expected train, val or test; mend it")
    return source._replace(table=source.table.assign(split=splits.map(SPLIT_FOLDERS)))
