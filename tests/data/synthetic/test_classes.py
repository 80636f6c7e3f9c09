import numpy as np
import pytest
from numpy.random import default_rng
from PIL import Image
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from lightning_skin.data.synthetic.artefacts import ArtefactRates
from lightning_skin.data.synthetic.classes import PAINTERS, render_lesion
from lightning_skin.data.synthetic.plane import plane_of

CLEAN = ArtefactRates(0, 0, 0, 0, 0, 0)


def test_the_classes_are_those_of_ham10000() -> None:
    assert sorted(PAINTERS) == ["akiec", "bcc", "bkl", "df", "mel", "nv", "vasc"]


@pytest.mark.parametrize("dx", PAINTERS)
def test_tissue_is_in_range_and_near_the_lesion(dx: str) -> None:
    plane = plane_of(96)
    far = np.hypot(plane.u, plane.v) > 1.9
    for seed in range(10):
        presence, tissue = PAINTERS[dx](plane, default_rng(seed))
        assert min(field.min() for field in tissue) >= 0
        assert max(cover.max() for cover in (presence, tissue.veil, tissue.scar, tissue.keratin)) <= 1
        assert max(field[far].max() for field in (presence, *tissue)) < 0.1


@pytest.mark.parametrize("dx", PAINTERS)
def test_one_seed_gives_one_lesion_whatever_the_number_of_views(dx: str) -> None:
    once = render_lesion(dx, (0, 1), size=48, views=1)
    thrice = render_lesion(dx, (0, 1), size=48, views=3)
    assert len(thrice) == 3
    np.testing.assert_array_equal(once[0].image, thrice[0].image)
    np.testing.assert_array_equal(once[0].mask, thrice[0].mask)
    assert (thrice[0].image != thrice[1].image).mean() > 0.5


@pytest.mark.parametrize("dx", PAINTERS)
def test_the_lesion_is_the_same_at_any_size(dx: str) -> None:
    small = render_lesion(dx, (0, 2), size=64, views=1, rates=CLEAN)[0].mask
    large = Image.fromarray(render_lesion(dx, (0, 2), size=192, views=1, rates=CLEAN)[0].mask)
    shrunk = np.asarray(large.convert("L").resize(small.shape[::-1])) > 127
    assert (small & shrunk).sum() / (small | shrunk).sum() > 0.9


def test_skin_and_artefacts_do_not_know_the_class() -> None:
    """Far from any lesion, the image of one seed is the same for all classes."""
    for seed in range(4):
        images = np.stack([render_lesion(dx, (seed,), size=64, views=1)[0].image for dx in PAINTERS])
        corners = images[:, [0, 0, -1, -1], [0, -1, 0, -1]]
        np.testing.assert_array_equal(corners, np.broadcast_to(corners[:1], corners.shape))


def test_mean_colour_says_little_about_the_class() -> None:
    labels = np.repeat(list(PAINTERS), 40)
    images = [
        render_lesion(dx, (number,), size=32, views=1)[0].image / 255 for number, dx in enumerate(labels)
    ]
    means = np.array([image.mean(axis=(0, 1)) for image in images])
    spreads = np.array([image.std(axis=(0, 1)) for image in images])
    network = make_pipeline(StandardScaler(), LogisticRegression())
    by_mean = balanced_accuracy_score(labels, cross_val_predict(network, means, labels, cv=5))
    colours = np.hstack([means, spreads])
    by_spread = balanced_accuracy_score(labels, cross_val_predict(network, colours, labels, cv=5))
    assert by_mean < 0.25
    assert by_spread < 0.45
