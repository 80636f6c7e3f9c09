from lightning_skin.evaluation.figures.style import shortened, wrapped


def test_long_names_are_broken_into_two_lines_at_most() -> None:
    assert wrapped("mel_in_situ") == "mel_in_situ"
    assert wrapped("basal_cell_carcinoma_infiltrating") == "basal cell carcinoma\ninfiltrating"
    assert wrapped("atypical_proliferation_of_melanocytes_of_unknown_potential").count("\n") == 1


def test_names_for_one_line_are_cut_with_an_ellipsis() -> None:
    assert shortened("squamous cell carcinoma") == "squamous cell carcinoma"
    assert shortened("melanocytic_proliferation") == "melanocytic_proliferati…"
