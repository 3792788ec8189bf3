import subprocess
import sys

import pytest
import torch
from lightning.pytorch import LightningDataModule

from gan_lightning.data import InMemory, TensorData


class Constant(InMemory):
    def __init__(self, samples, classes, **options):
        super().__init__((3,), 4, **options)
        self.data = samples, classes

    def load(self):
        return self.data


def test_shape_and_classes_are_known_before_loading():
    data = Constant(None, None, labels=True)
    assert (data.shape, data.num_classes) == ((3,), 4)
    assert Constant(None, None).num_classes == 0


def test_labels_come_along_when_wanted():
    x, y = torch.randn(20, 3), torch.arange(20, dtype=torch.int32) % 4
    data = Constant(x, y, labels=True, batch_size=5)
    data.setup()
    samples, labels = next(iter(data.train_dataloader()))
    assert samples.shape == (5, 3)
    assert labels.dtype == torch.int64
    assert all(torch.equal(x[(x == row).all(1)][0], row) for row in samples)
    plain = Constant(x, y, batch_size=5)
    plain.setup()
    assert isinstance(next(iter(plain.train_dataloader())), torch.Tensor)


def test_the_split_is_disjoint_complete_and_fixed_by_the_seed():
    def parts(seed):
        data = TensorData(torch.arange(50.0), batch_size=4, val_fraction=0.2, seed=seed)
        held_out = torch.cat(list(data.val_dataloader()))
        return held_out.tolist(), {float(x) for _ in range(20) for batch in data.train_dataloader() for x in batch}

    (held_out, train), (other, _) = parts(1), parts(2)
    assert len(held_out) == 10
    assert not train & set(held_out)
    assert train | set(held_out) == set(map(float, range(50)))
    assert held_out == parts(1)[0] != other


def test_without_a_held_out_part_lightning_sees_no_validation():
    data = TensorData(torch.zeros(5), batch_size=1)
    assert data.val_dataloader.__code__ is LightningDataModule.val_dataloader.__code__


def test_bytes_become_floats_in_the_unit_range():
    data = TensorData(torch.tensor([[0], [255]], dtype=torch.uint8), batch_size=2)
    assert sorted(next(iter(data.train_dataloader())).flatten().tolist()) == [-1, 1]


def test_doubles_become_floats():
    data = TensorData(torch.zeros(2, 3, dtype=torch.float64), batch_size=2)
    assert next(iter(data.train_dataloader())).dtype == torch.float32


def test_tensor_data_finds_its_shape_and_classes():
    data = TensorData(torch.zeros(6, 1, 4, 4), torch.tensor([0, 1, 2, 0, 1, 2]), batch_size=2)
    assert (data.shape, data.num_classes) == ((1, 4, 4), 3)
    assert len(next(iter(data.train_dataloader()))) == 2
    assert TensorData(torch.zeros(2, 3), torch.zeros(2).long(), num_classes=7).num_classes == 7


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"batch_size": 0}, "batch_size must be at least 1, got 0"),
        ({"val_fraction": 1.0}, r"val_fraction must be in \[0, 1\), got 1.0"),
    ],
)
def test_errors_at_construction(options, message):
    with pytest.raises(ValueError, match=message):
        Constant(None, None, **options)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (None, "load\\(\\) returned none"),
        (torch.zeros(7).long(), r"labels have shape \(7,\), expected \(8,\)"),
        (torch.zeros(8), "must be integers, got torch.float32"),
        (torch.arange(8), r"must be in \[0, 4\), or -1 for unlabelled samples, got 0 to 7"),
        (torch.arange(8) % 4 - 2, r"must be in \[0, 4\), or -1 for unlabelled samples, got -2 to 1"),
    ],
)
def test_bad_labels(labels, message):
    with pytest.raises(ValueError, match=message):
        Constant(torch.zeros(8, 3), labels, labels=True).setup()


def test_errors_at_setup_and_before():
    with pytest.raises(ValueError, match=r"samples have shape \(2,\), expected \(3,\)"):
        Constant(torch.zeros(8, 2), None).setup()
    with pytest.raises(ValueError, match="holds out none"):
        Constant(torch.zeros(8, 3), None, val_fraction=0.01).setup()
    with pytest.raises(RuntimeError, match=r"call Constant.setup\(\) before"):
        Constant(torch.zeros(8, 3), None).train_dataloader()
    with pytest.raises(ValueError, match=r"got torch\.int64"):
        TensorData(torch.arange(5))
    with pytest.raises(ValueError, match="num_classes has no effect"):
        TensorData(torch.zeros(5), num_classes=3)
    with pytest.raises(ValueError, match="the data have no classes"):
        InMemory.__init__(Constant(None, None), (1,), 0, labels=True)


def test_the_package_imports_no_heavy_library():
    # Lightning itself may import some of them, hence only what is new.
    code = (
        "import sys, lightning.pytorch, torch.utils.data; before = set(sys.modules); import gan_lightning.data;"
        "new = {name.split('.')[0] for name in set(sys.modules) - before};"
        "print(sorted(new & {'torchvision', 'sklearn', 'matplotlib', 'PIL', 'pandas', 'wandb'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
