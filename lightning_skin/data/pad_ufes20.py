"""PAD-UFES-20: photographs by smartphones (Pacheco et al., Data in Brief 32:106221).

::

    root/
      metadata.csv                 patient_id,lesion_id,img_id,diagnostic,age,gender,region,...
      imgs_part_1/PAT_*_*_*.png    and imgs_part_2, imgs_part_3; or images/, or any other folders
"""

from lightning_skin.data import malignant
from lightning_skin.data.examples import first_few
from lightning_skin.data.listing import contents, image_paths
from lightning_skin.data.metadata import facts, find_metadata, read_rows, with_paths
from lightning_skin.data.sources import Source, existing_folder
from lightning_skin.errors import InputError

LABELS = {"ACK": "akiec", "BCC": "bcc", "MEL": "mel", "NEV": "nv", "SCC": "scc", "SEK": "bkl"}
"""HAM10000's names: actinic keratoses are a part of ``akiec``, seborrhoeic keratoses of ``bkl``."""

KNOWN = {"lesion_id": "lesion", "patient_id": "patient", "age": "age", "gender": "sex", "region": "site"}
"""Whether a lesion was biopsied is not among them: it leaks the label."""


def pad_ufes20(root: str) -> Source:
    """Read PAD-UFES-20, grouped by patient.

    Args:
        root: Holds ``metadata.csv`` and the folders of images.

    Raises:
        InputError: The table is missing or cannot be used, names an unknown diagnosis, or names no image.
    """
    top = existing_folder(root)
    table_file = find_metadata(top)
    if table_file is None:
        raise InputError(
            f"{top} holds no metadata table but {contents(top)}, expected metadata.csv in it, beside the "
            "folders of the images"
        )
    rows = read_rows(table_file, "data.root", "img_id", ("diagnostic", "patient_id"))
    labels = rows["diagnostic"].str.strip().str.upper().map(LABELS).fillna("")
    if (unknown := labels == "").any():
        names = first_few(name or "empty" for name in sorted(set(rows["diagnostic"][unknown])))
        raise InputError(
            f"{table_file} has {unknown.sum()} image(s) with an unknown diagnostic ({names}): "
            f"{first_few(rows.index[unknown])}; expected one of {', '.join(LABELS)}"
        )
    table = facts(rows, KNOWN).assign(label=labels, split="", source="pad_ufes20")
    for column in table.columns.intersection(["sex", "site"]):
        table[column] = table[column].str.lower()
    table = with_paths(table, image_paths(top), top, table_file)
    return Source(top, table.reset_index(drop=True), malignant=malignant.PAD_UFES20)
