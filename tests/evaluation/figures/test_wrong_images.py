import numpy as np

from lightning_skin.evaluation.figures.wrong_images import wrong_images_figure


def picture(value: int) -> np.ndarray:
    return np.full((4, 4 + value % 3, 3), value, np.uint8)


def test_mistakes_come_most_confident_first_and_right_images_not_at_all() -> None:
    figure = wrong_images_figure(
        [picture(value) for value in range(4)],
        ["mel", "nv", "mel", "bcc"],
        ["nv", "nv", "bcc", "mel"],
        [0.5, 0.99, 0.9, 0.7],
    )
    shown = [axes for axes in figure.axes if axes.images]
    assert [axes.images[0].get_array()[0, 0, 0] for axes in shown] == [2, 3, 0]
    assert shown[0].get_title(loc="left") == "true: mel\nguess: bcc (0.90)"


def test_only_the_first_sixteen_mistakes_are_shown() -> None:
    figure = wrong_images_figure(
        [picture(value) for value in range(20)], ["a"] * 20, ["b"] * 20, np.linspace(0, 1, 20)
    )
    assert [axes.images[0].get_array()[0, 0, 0] for axes in figure.axes] == list(range(19, 3, -1))


def test_flawless_classifier_gives_a_figure_that_says_so() -> None:
    figure = wrong_images_figure([picture(0)], ["nv"], ["nv"], [0.8])
    assert "none among 1 images" in [text.get_text() for text in figure.texts]
