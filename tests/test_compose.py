import pickle

import pytest

from gan_lightning import DCGAN, GAN, R1, compose
from gan_lightning.compose import part
from gan_lightning.gans import ByShape


def test_a_composed_class_is_made_once_and_is_what_a_class_statement_makes() -> None:
    assert compose.R1__DCGAN is compose.R1__DCGAN is compose.compose("R1", "DCGAN")
    assert compose.R1__DCGAN.__mro__[:5] == (compose.R1__DCGAN, R1, DCGAN, ByShape, GAN)
    assert f"{compose.R1__DCGAN.__module__}.{compose.R1__DCGAN.__qualname__}" == "gan_lightning.compose.R1__DCGAN"
    assert pickle.loads(pickle.dumps(compose.R1__DCGAN)) is compose.R1__DCGAN


def test_classes_of_ones_own_are_parts_too() -> None:
    class Mine(GAN):
        pass

    assert compose.compose("R1", "Mine").__bases__ == (R1, Mine)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("R11__DCGAN", "no GAN or mixin is named 'R11': did you mean 'R1'"),
        ("R1__DCGANN", "did you mean 'DCGAN'"),
        ("GAN__R1", "Put each mixin once, and the recipe or GAN last"),
        ("R1__R1__GAN", "cannot compose R1, R1, GAN: duplicate base class"),
        ("DCGAN", "composed names look like R1__DCGAN"),
    ],
)
def test_mistakes(name: str, message: str) -> None:
    with pytest.raises(AttributeError, match=message):
        getattr(compose, name)


def test_an_unknown_part_with_no_near_name_lists_all() -> None:
    with pytest.raises(AttributeError, match=r"there are .*DCGAN.*GAN.*R1"):
        part("Qqqqqqqq")
