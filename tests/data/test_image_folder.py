import pytest
import torch
from data import resume_case as case
from PIL import Image

from gan_lightning.data import ImageFolder

# Lightning's own doing: on every fit with torch 2.15, on every mid-epoch checkpoint of manual optimisation, on every
# resume into the same folder. All else is an error, above all "your dataloader is not resumable".
pytestmark = [
    pytest.mark.filterwarnings(r"ignore:`isinstance\(treespec, LeafSpec\)`:FutureWarning"),
    pytest.mark.filterwarnings("ignore:Using ModelCheckpoint with manual optimization:UserWarning"),
    pytest.mark.filterwarnings("ignore:Checkpoint directory .* exists and is not empty:UserWarning"),
]


def save(path, grey, size=(10, 8)):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, (grey, 0, 255)).save(path)


@pytest.fixture
def flat(tmp_path):
    for k in range(14):
        save(tmp_path / f"{k:02}.png", 10 * k)
    return tmp_path


@pytest.fixture
def classes(tmp_path):
    for k in range(6):
        save(tmp_path / "cat" / f"{k}.png", k)
    for k in range(4):
        save(tmp_path / "ant" / "deeper" / f"{k}.PNG", 100 + k)
    return tmp_path


def loader(root, **options):
    data = ImageFolder(str(root), **({"size": 4, "batch_size": 3} | options))
    data.setup()
    return data.train_dataloader()


def reds(batch):
    return ((batch[:, 0, 0, 0] + 1) * 127.5).round().int().tolist()


@pytest.mark.parametrize("num_workers", [0, 2])
def test_flat_folder(flat, num_workers):
    batches = list(loader(flat, num_workers=num_workers))
    assert [batch.shape for batch in batches] == [(3, 3, 4, 4)] * 4
    assert all((batch[:, 1] == -1).all() and (batch[:, 2] == 1).all() for batch in batches)
    assert len({red for batch in batches for red in reds(batch)} & set(range(0, 140, 10))) == 12


def test_classes_are_the_sub_folders(classes):
    data = ImageFolder(str(classes), labels=True, size=4, batch_size=10)
    assert (data.shape, data.num_classes, data.class_names) == ((3, 4, 4), 2, ["ant", "cat"])
    data.setup()
    images, labels = next(iter(data.train_dataloader()))
    assert labels.dtype == torch.int64
    assert [red < 100 for red in reds(images)] == labels.tolist()
    plain = ImageFolder(str(classes))
    assert plain.num_classes == 0


def test_grey(flat):
    assert next(iter(loader(flat, channels=1))).shape == (3, 1, 4, 4)


def test_the_central_square_is_kept(tmp_path):
    picture = Image.new("RGB", (12, 4))
    picture.paste((255, 255, 255), (4, 0, 8, 4))
    picture.save(tmp_path / "a.png")
    assert (next(iter(loader(tmp_path, batch_size=1))) == 1).all()


def test_the_orientation_tag_is_obeyed(tmp_path):
    picture = Image.new("L", (4, 4))
    picture.paste(255, (0, 0, 4, 2))
    exif = Image.Exif()
    exif[0x0112] = 3  # upside down
    picture.save(tmp_path / "a.png", exif=exif)
    image = next(iter(loader(tmp_path, batch_size=1, channels=1)))[0, 0]
    assert (image[:2] == -1).all()
    assert (image[2:] == 1).all()


def test_flip_is_fixed_by_seed_epoch_and_sample_and_happens_half_the_time(tmp_path):
    picture = Image.new("L", (4, 4))
    picture.paste(255, (0, 0, 2, 4))
    for k in range(100):
        picture.save(tmp_path / f"{k:02}.png")

    def left(seed, workers):
        images = loader(tmp_path, flip=True, batch_size=100, channels=1, seed=seed, num_workers=workers)
        return [(next(iter(images))[:, 0, 0, 0] > 0).tolist() for _ in range(2)]

    first, second = left(0, 0)
    assert [first, second] == left(0, 2) != left(1, 0)
    assert first != second
    assert 30 <= sum(first) <= 70  # four standard deviations
    assert all((batch[:, 0, 0, 0] > 0).all() for batch in loader(tmp_path, batch_size=100, channels=1))


@pytest.mark.parametrize("num_workers", [0, 2])
def test_iterating_leaves_the_global_rng_alone(flat, num_workers):
    before = torch.get_rng_state()
    list(loader(flat, num_workers=num_workers, flip=True))
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("num_workers", [0, 2])
def test_a_pass_left_early_is_continued(flat, num_workers):
    images, straight = loader(flat, num_workers=num_workers), loader(flat)
    expected = [reds(batch) for _ in range(3) for batch in straight]
    got = [reds(next(iter(images)))] + [reds(batch) for _ in range(2) for batch in images]
    assert got == expected[:9]


@pytest.mark.parametrize(("num_workers", "keep"), [(0, range(99)), (2, (1, 4, 6))])
def test_resume_is_exact(flat, tmp_path_factory, num_workers, keep):
    def make():
        return ImageFolder(str(flat), size=4, batch_size=3, flip=True, num_workers=num_workers)

    straight = case.assert_exact(
        make, lambda batch: batch.tolist(), tmp_path_factory.mktemp("checkpoints"), keep=lambda step: step in keep,
        max_epochs=3,
    )  # fmt: skip
    assert len(straight) == 12


def test_errors_at_construction(tmp_path, flat):
    with pytest.raises(FileNotFoundError, match="nowhere is missing"):
        ImageFolder(str(tmp_path / "nowhere"))
    with pytest.raises(FileNotFoundError, match=r"00.png is not a folder"):
        ImageFolder(str(flat / "00.png"))
    with pytest.raises(ValueError, match="has no sub-folders: put each class into a sub-folder of its own"):
        ImageFolder(str(flat), labels=True)
    with pytest.raises(ValueError, match="channels must be 1 or 3, got 4"):
        ImageFolder(str(flat), channels=4)
    with pytest.raises(ValueError, match="num_workers >= 0; got 1 and -1"):
        ImageFolder(str(flat), batch_size=1, num_workers=-1)


def test_errors_at_setup(flat, tmp_path_factory):
    empty = tmp_path_factory.mktemp("empty")
    (empty / "readme.txt").touch()
    with pytest.raises(FileNotFoundError, match=r"no images in .*; known extensions: .*\.jpg .*\.png"):
        loader(empty)
    with pytest.raises(RuntimeError, match=r"call ImageFolder.setup\(\) before"):
        ImageFolder(str(flat)).train_dataloader()
    with pytest.raises(ValueError, match="has 14 images: lower batch_size=15 to that at most"):
        loader(flat, batch_size=15)
    save(flat / "cat" / "a.png", 1)
    with pytest.raises(ValueError, match="images of its own and sub-folders with images"):
        loader(flat)
    save(empty / "cat" / "a.png", 1)
    (empty / "dog").mkdir()
    with pytest.raises(ValueError, match="no images in the sub-folders dog of"):
        loader(empty, labels=True, batch_size=1)


@pytest.mark.parametrize("num_workers", [0, 1])
def test_an_unreadable_image_is_named_and_the_next_takes_its_place(flat, num_workers):
    whole = (flat / "07.png").read_bytes()
    for content in (b"", b"no picture", whole[: len(whole) // 2]):
        (flat / "07.png").write_bytes(content)
        with pytest.warns(UserWarning, match=r"cannot read the image .*07\.png.*takes its place"):
            (batch,) = loader(flat, batch_size=14, num_workers=num_workers)
        assert sorted(reds(batch)) == sorted([*range(0, 70, 10), *range(80, 140, 10), 80])


def test_an_image_of_the_same_class_takes_the_place(tmp_path):
    for k in range(12):
        save(tmp_path / ("ant" if k < 6 else "cat") / f"{k:02}.png", 10 * k)
    (tmp_path / "ant" / "05.png").write_bytes(b"")
    with pytest.warns(UserWarning, match=r"05\.png"):
        ((images, labels),) = loader(tmp_path, batch_size=12, labels=True)
    assert sorted(reds(images)) == sorted([0, *range(0, 50, 10), *range(60, 120, 10)])
    assert [red < 60 for red in reds(images)] == [label == 0 for label in labels]


def test_more_broken_images_are_counted_at_the_end_of_the_pass(tmp_path):
    for k in range(30):
        save(tmp_path / f"{k:02}.png", k)
    for k in (3, 4, 20):
        (tmp_path / f"{k:02}.png").write_bytes(b"no picture")
    images = loader(tmp_path)
    with pytest.warns(UserWarning, match=r"cannot (be )?read") as told:
        batches = list(images)
    assert {len(batch) for batch in batches} == {3}
    assert len(told) == 2
    assert "3 of the 30 images cannot be read" in str(told[1].message)
    assert all(name in str(told[1].message) for name in ("03.png", "04.png", "20.png"))
    list(images)  # told already
    (tmp_path / "21.png").write_bytes(b"")
    with pytest.raises(ValueError, match=r"4 of the 30 images cannot be read .* more than a tenth: mend the data set"):
        list(images)


def test_several_broken_images_in_a_row_are_an_error(tmp_path):
    for k in range(200):
        save(tmp_path / f"{k:03}.png", k)
    for k in range(90, 101):
        (tmp_path / f"{k:03}.png").write_bytes(b"")
    with pytest.raises(ValueError, match=r"cannot read .*09\d\.png.*, and none of the 8 images of its class"):
        list(loader(tmp_path, batch_size=200))
