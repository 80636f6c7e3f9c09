import pytest

from lightning_skin.errors import InputError
from lightning_skin.evaluation.settings import EvaluationSettings


def asking(subgroups: list[str] | None = None, protocols: tuple[str, ...] = ()) -> EvaluationSettings:
    return EvaluationSettings(
        calibration="none",
        sensitivities=[],
        specificities=[],
        miss_costs=[],
        costs=None,
        coverage=0.9,
        min_tpr=0.8,
        subgroups=subgroups,
        min_images=30,
        unknown=None,
        protocols=protocols,
        figures=["png"],
    )


def test_subgroups_by_what_nobody_knows_are_refused_before_there_are_predictions() -> None:
    with pytest.raises(InputError, match="nothing is known of agee, only of age, sex; leave it out"):
        asking(["sex", "agee"]).check(("mel", "nv"), ["a.jpg"], ["age", "sex"])
    asking(["sex", "age"]).check(("mel", "nv"), ["a.jpg"], ["age", "sex"])
    asking().check(("mel", "nv"), ["a.jpg"], [])


def test_protocols_of_other_classes_are_refused_likewise() -> None:
    with pytest.raises(InputError, match="isic2018 asks for the class BCC"):
        asking(protocols=("isic2018",)).check(("mel", "nv"), ["a.jpg"], [])
