import pytest
import torch
from data import resume_case as case

from gan_lightning.data import TensorData, TensorLoader

# Lightning's own doing: on every fit with torch 2.15, on every mid-epoch checkpoint of manual optimisation, on every
# resume into the same folder. All else is an error, above all "your dataloader is not resumable".
pytestmark = [
    pytest.mark.filterwarnings(r"ignore:`isinstance\(treespec, LeafSpec\)`:FutureWarning"),
    pytest.mark.filterwarnings("ignore:Using ModelCheckpoint with manual optimization:UserWarning"),
    pytest.mark.filterwarnings("ignore:Checkpoint directory .* exists and is not empty:UserWarning"),
]

BATCHES = 5


def data(val_fraction=0.0):
    num_samples = 22 if not val_fraction else 44
    return TensorData(torch.arange(float(num_samples)), batch_size=4, seed=3, val_fraction=val_fraction)


def read(batch):
    return batch.tolist()


@pytest.mark.parametrize(
    ("options", "steps"),
    [
        ({"max_epochs": 3}, 15),
        ({"max_steps": 13, "max_epochs": -1}, 13),
        ({"max_epochs": 3, "limit_train_batches": 3}, 9),
        ({"max_epochs": 3, "limit_train_batches": 0.6}, 9),
        ({"max_epochs": 3, "reload_dataloaders_every_n_epochs": 1}, 15),
        ({"max_epochs": 2, "module": case.EstimatingRecorder}, 10),
    ],
    ids=str,
)
def test_resume_from_every_step_is_exact(tmp_path, options, steps):
    assert len(case.assert_exact(data, read, tmp_path, **options)) == steps


def test_with_validation_in_the_middle_and_at_the_end_of_an_epoch(tmp_path):
    straight = case.assert_exact(
        lambda: data(0.5), read, tmp_path, module=case.ValidatedRecorder, max_epochs=3, val_check_interval=2,
        num_sanity_val_steps=1,
    )  # fmt: skip
    assert len(straight) == 15


def test_more_epochs_after_the_end_go_on(tmp_path):
    straight = case.fit(data(), read, max_epochs=4)
    case.fit(data(), read, tmp_path, max_epochs=2)
    for name in (f"step={2 * BATCHES}.ckpt", f"end-step={2 * BATCHES}.ckpt"):
        assert case.fit(data(), read, tmp_path, resume=tmp_path / name, max_epochs=4) == straight[2 * BATCHES :]


def test_each_epoch_sees_other_batches_and_each_sample_at_most_once():
    seen = case.fit(data(), read, max_epochs=2)
    for number in range(2):
        epoch = seen[number * BATCHES : (number + 1) * BATCHES]
        assert len({sample for batch in epoch for sample in batch}) == 20
    assert seen[:BATCHES] != seen[BATCHES:]


def test_a_datamodule_used_twice_gives_the_same_run_twice():
    module = data()
    assert case.fit(module, read, max_epochs=2) == case.fit(module, read, max_epochs=2)


def test_overfit_batches_is_refused():
    with pytest.raises(ValueError, match=r"overfit_batches has no effect .*: train on a TensorData of few"):
        case.fit(data(), read, max_epochs=2, overfit_batches=1)


def test_validating_a_checkpoint_does_not_move_the_data_of_a_later_run(tmp_path):
    straight = case.fit(data(0.5), read, max_epochs=1, module=case.ValidatedRecorder)
    module = data(0.5)
    trainer = case.quiet_trainer(max_steps=2)
    trainer.fit(case.ValidatedRecorder(read), data(0.5))
    trainer.save_checkpoint(tmp_path / "step=2.ckpt")
    trainer = case.quiet_trainer()
    trainer.validate(case.ValidatedRecorder(read), module, ckpt_path=tmp_path / "step=2.ckpt", verbose=False)
    assert case.fit(module, read, max_epochs=1, module=case.ValidatedRecorder) == straight


def test_a_second_run_of_a_resumed_datamodule_starts_at_the_beginning(tmp_path):
    straight = case.fit(data(), read, tmp_path, max_epochs=1)
    module = data()
    case.fit(module, read, tmp_path, resume=tmp_path / "step=2.ckpt", max_epochs=1)
    assert case.fit(module, read, max_epochs=1) == straight


def test_a_loader_made_by_a_callback_changes_neither_run_nor_checkpoint(tmp_path):
    class Nosy(case.Recorder):
        def on_train_batch_start(self, batch, batch_idx):
            next(iter(self.trainer.datamodule.train_dataloader()))

    assert case.assert_exact(data, read, tmp_path, module=Nosy, max_epochs=2) == case.fit(data(), read, max_epochs=2)


def test_a_bare_loader_is_resumed_too(tmp_path):
    def loader():
        return TensorLoader(torch.arange(22.0), batch_size=4)

    case.assert_exact(loader, read, tmp_path, keep=lambda step: step in (2, 5, 6), max_epochs=2)
