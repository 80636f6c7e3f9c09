import numpy as np

from lightning_skin.evaluation.figures.confusion_change import confusion_change_figure

FIRST = np.array([[8.0, 2.0, 0.0], [3.0, 2.0, 0.0], [0.0, 0.0, 0.0]])
SECOND = np.array([[9.0, 1.0, 0.0], [1.0, 3.5, 0.5], [0.0, 0.0, 0.0]])


def test_changes_are_written_in_images_and_coloured_by_share() -> None:
    axes = confusion_change_figure(FIRST, SECOND, ["mel", "nv", "df"], "Change").axes[0]
    assert [text.get_text() for text in axes.texts] == ["+1", "-1", "0", "-2", "+1.5", "+0.5", "0", "0", "0"]
    shares = axes.images[0].get_array()
    np.testing.assert_allclose(shares[:2], [[0.1, -0.1, 0], [-0.4, 0.3, 0.1]])
    assert axes.images[0].norm.vmax == -axes.images[0].norm.vmin
    assert [label.get_text() for label in axes.get_yticklabels()] == ["mel (n=10)", "nv (n=5)", "df (n=0)"]


def test_nothing_that_moved_is_white() -> None:
    axes = confusion_change_figure(FIRST, FIRST, ["mel", "nv", "df"], "Change").axes[0]
    colours = axes.images[0].cmap(axes.images[0].norm(axes.images[0].get_array()))
    np.testing.assert_allclose(colours[..., :3], 1, atol=0.01)
