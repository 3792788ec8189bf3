import pytest
import torch

from gan_lightning.batch import Batch
from gan_lightning.step import Terms


def test_terms_add_up_in_float32_at_least() -> None:
    terms = Terms(adv=torch.tensor(1.0, dtype=torch.bfloat16)).add("r1", torch.tensor(2**-10))
    assert terms.total() == 1 + 2**-10
    assert Terms(adv=torch.tensor(1.0, dtype=torch.float64)).total().dtype == torch.float64


def test_conflicts_name_the_term() -> None:
    terms = Terms(adv=torch.tensor(1.0))
    with pytest.raises(ValueError, match=r"'adv' of the loss is taken, and test_conflicts.* uses the same name"):
        terms.add("adv", torch.tensor(2.0))
    with pytest.raises(ValueError, match=r"no loss term 'features' to replace; there are \['adv'\]"):
        terms.replace("features", torch.tensor(2.0))
    terms.replace("adv", torch.tensor(3.0))
    with pytest.raises(ValueError, match="'adv' was replaced already"):
        terms.replace("adv", torch.tensor(4.0))
    with pytest.raises(ValueError, match=r"'r1' has shape \(2,\), expected a scalar"):
        terms.add("r1", torch.zeros(2))


def test_conflicts_name_both_techniques() -> None:
    class Scale:
        def d_terms(self, terms: Terms) -> None:
            terms.replace("adv", torch.tensor(1.0)).add("extra", torch.tensor(1.0))

    class Other(Scale):
        def d_terms(self, terms: Terms) -> None:
            terms.replace("adv", torch.tensor(2.0))

    class Third(Scale):
        def d_terms(self, terms: Terms) -> None:
            terms.add("extra", torch.tensor(2.0))

    terms = Terms(adv=torch.tensor(0.0))
    Scale().d_terms(terms)
    with pytest.raises(ValueError, match="replaced already by Scale, and Other claims it too"):
        Other().d_terms(terms)
    with pytest.raises(ValueError, match="'extra' of Scale is taken, and Third uses the same name"):
        Third().d_terms(terms)


def test_shared_fakes_are_handed_out_once() -> None:
    z, fake = torch.zeros(2, 3), torch.ones(2, 2)
    batch = Batch(torch.zeros(2, 2), None, fake, z)
    taken = batch.take_fake()
    assert taken is not None
    assert taken[0] is z
    assert taken[1] is fake
    assert batch.take_fake() is None


def test_a_batch_splits_with_its_labels() -> None:
    parts = list(Batch(torch.arange(6.0), torch.arange(6)).split(3))
    assert [part.real.tolist() for part in parts] == [[0, 1], [2, 3], [4, 5]]
    assert [part.label.tolist() for part in parts] == [[0, 1], [2, 3], [4, 5]]
