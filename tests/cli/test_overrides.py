import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser

from lightning_skin.cli.errors import ConfigurationError
from lightning_skin.cli.overrides import job_texts, parse


def jobs(text: str) -> list[str]:
    (override,) = parse([text], OverridesParser.create())
    return job_texts(override)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("seed=1", ["seed=1"]),
        ("seed=1,2", ["seed=1", "seed=2"]),
        ("seed=range(2)", ["seed=0", "seed=1"]),
        ("+callbacks=[a,b],[a]", ["+callbacks=[a,b]", "+callbacks=[a]"]),
        ("lr=interval(0,1)", []),
    ],
)
def test_a_sweep_gives_one_override_for_each_value(text: str, expected: list[str]) -> None:
    assert jobs(text) == expected


def test_every_malformed_override_is_quoted() -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse(["a=b=c", "seed=1", "d"], OverridesParser.create())
    assert caught.value.problems == (
        "cannot read a=b=c: quote a value that holds special characters, 'a=\"b=c\"'",
        "cannot read d, expected key=value",
    )


def test_the_proposed_quotes_make_it_readable() -> None:
    (override,) = parse(['data.root="a=b, c"'], OverridesParser.create())
    assert override.value() == "a=b, c"
