"""HAM10000 (Tschandl et al., Sci Data 5:180161) in every layout that it comes in.

The images are found by their names, so they may lie in one folder or many::

    root/
      HAM10000_metadata.csv         or without suffix, or .tab, as Dataverse hands it out
      HAM10000_images_part_1/*.jpg  or class folders, or all in one folder
      HAM10000_images_part_2/*.jpg
      HAM10000_segmentations_lesion_tpl/*_segmentation.png    optional, under any name

The table has the columns ``lesion_id,image_id,dx,dx_type,age,sex,localization[,dataset]``. Any collection
with such a table may take this layout.
"""

import pandas as pd

from lightning_skin.data import malignant
from lightning_skin.data.listing import contents, image_paths
from lightning_skin.data.metadata import attach_metadata, find_metadata, image_name, read_metadata, with_paths
from lightning_skin.data.sources import Source, existing_folder
from lightning_skin.data.spelling import one_spelling
from lightning_skin.errors import InputError

MASK = "_segmentation"


def ham10000(root: str) -> Source:
    """Read HAM10000: images anywhere below ``root``, found by the ``image_id`` of the metadata table.

    Args:
        root: Holds the table; relative to the working directory, or absolute.

    Raises:
        InputError: There is no metadata table, no image that it names, one name for files that differ, or
            an image whose folder is called after another diagnosis than its own.
    """
    top = existing_folder(root)
    table_file = find_metadata(top)
    if table_file is None:
        raise InputError(
            f"{top} holds no metadata table but {contents(top)}, expected HAM10000_metadata.csv in it, "
            "beside the folders of the images"
        )
    metadata = read_metadata(table_file)
    files = image_paths(top)
    masks = {name.removesuffix(MASK): path for path in files if (name := image_name(path)).endswith(MASK)}
    others = [path for path in files if not image_name(path).endswith(MASK)]
    paths = with_paths(metadata, others, top, table_file)["path"]
    table = pd.DataFrame({"path": paths.tolist(), "split": ""})
    diagnoses = set(metadata.get("dx", ()))
    folders = [path.rpartition("/")[0].rpartition("/")[2] for path in table["path"]]
    table.insert(1, "label", [name if name in diagnoses else "" for name in folders])
    table["mask"] = [masks.get(name, "") for name in paths.index]
    table = attach_metadata(table, metadata, table_file)
    table["label"] = one_spelling(table["label"], table_file)
    return Source(top, table, malignant=malignant.HAM10000)
