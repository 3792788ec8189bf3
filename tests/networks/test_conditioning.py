"""Labels: what they add to each network, and what happens when they are missing."""

import pytest
import torch

from gan_lightning.networks import (
    DCGANDiscriminator,
    DCGANGenerator,
    LabelConcat,
    MLPDiscriminator,
    MLPGenerator,
)

SHAPE = (1, 8, 12)


def networks(num_classes):
    """Each network with an input for three samples."""
    return [
        (MLPGenerator(4, SHAPE, num_classes, width=8), torch.randn(3, 4)),
        (MLPDiscriminator(SHAPE, num_classes, width=8), torch.randn(3, *SHAPE)),
        (DCGANGenerator(4, SHAPE, num_classes, width=2, norm="none"), torch.randn(3, 4)),
        (DCGANDiscriminator(SHAPE, num_classes, width=2, norm="none"), torch.randn(3, *SHAPE)),
    ]


def first(output):
    return output if isinstance(output, torch.Tensor) else output.logits


def test_appends_each_samples_own_embedding():
    append = LabelConcat(5, (1, 2, 3))
    x, label = torch.randn(4, 3, 2, 3), torch.tensor([4, 0, 0, 2])
    joined = append(x, label)
    assert torch.equal(joined[:, :3], x)
    for row, c in zip(joined[:, 3], label.tolist(), strict=True):
        assert torch.equal(row.flatten(), append.embedding.weight[c])


def test_the_label_changes_the_output_of_its_sample_only():
    for net, x in networks(num_classes=3):
        one, other = first(net(x, torch.tensor([0, 1, 2]))), first(net(x, torch.tensor([0, 2, 2])))
        torch.testing.assert_close(one[[0, 2]], other[[0, 2]])
        assert not torch.allclose(one[1], other[1])


def test_the_label_reaches_its_embedding_by_gradient():
    for net, x in networks(num_classes=3):
        first(net(x, torch.tensor([0, 2, 0]))).square().sum().backward()
        touched = net.label.embedding.weight.grad.abs().sum(1) > 0
        assert touched.tolist() == [True, False, True]


def test_without_classes_there_is_nothing_to_pay():
    for net, x in networks(num_classes=0):
        assert not any(name.startswith("label") for name in net.state_dict())
        assert net.label(x) is x
        with pytest.raises(ValueError, match=r"num_classes=0 and got labels.*set num_classes"):
            net(x, torch.tensor([0, 1, 2]))


def test_missing_labels():
    for net, x in networks(num_classes=3):
        with pytest.raises(ValueError, match=r"num_classes=3 and got no labels: pass batches of \(sample, label\)"):
            net(x)


@pytest.mark.parametrize("label", [torch.zeros(3, 1, dtype=torch.int64), torch.zeros(2, dtype=torch.int64)])
def test_labels_of_a_wrong_shape(label):
    for net, x in networks(num_classes=3):
        with pytest.raises(ValueError, match=r"expected \(3,\), one class index per sample"):
            net(x, label)


def test_the_discriminators_plane_has_the_size_of_the_image():
    d = DCGANDiscriminator(SHAPE, 7, width=2)
    assert d.label.embedding.weight.shape == (7, 8 * 12)
    assert next(iter(d.layers)).in_channels == 2


def test_many_classes_share_64_dimensions():
    assert MLPGenerator(4, (2,), 10).label.embedding.weight.shape == (10, 10)
    assert MLPGenerator(4, (2,), 1000).label.embedding.weight.shape == (1000, 64)
