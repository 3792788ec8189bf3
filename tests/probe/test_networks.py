"""Players found in modules of all habits, and clear words where they are not."""

import pytest
import torch
from foreign_modules import PLAYERS
from torch import nn

from gan_lightning.probe import find_called, find_network, logits_of, owns, path_of


def module(**parts: nn.Module) -> nn.Module:
    whole = nn.Module()
    for name, part in parts.items():
        whole.add_module(name, part)
    return whole


@pytest.mark.parametrize("cls", PLAYERS)
def test_players_are_found_by_name(cls: type) -> None:
    gan = cls()
    for role, path in zip(("discriminator", "generator"), PLAYERS[cls], strict=True):
        assert path_of(gan, find_network(gan, None, role)) == path
        assert find_network(gan, path, role) is gan.get_submodule(path)


@pytest.mark.parametrize("name", ["discriminator", "netD", "net_d", "D", "disc", "critic", "critic_net", "_d", "d_net",
                                  "patch_discriminator", "image_critic",
                                  "semantic_discriminator", "D_A", "discNet"])  # fmt: skip
def test_names_of_discriminators(name: str) -> None:
    gan = module(encoder=nn.Linear(2, 2), **{name: nn.Linear(2, 1)}, d_loss=nn.Linear(1, 1))
    assert path_of(gan, find_network(gan, None, "discriminator")) == name


@pytest.mark.parametrize("name", ["generator", "netG", "net_g", "G", "gen", "_generator", "decoder", "synthesis_net"])
def test_names_of_generators(name: str) -> None:
    others = {"generator_ema": nn.Linear(2, 2), "GAvg": nn.Linear(2, 2), "generatorLoss": nn.Linear(2, 2)}
    gan = module(encoder=nn.Linear(2, 2), **others, **{name: nn.Linear(2, 2)})
    assert path_of(gan, find_network(gan, None, "generator")) == name


def test_the_shallowest_is_taken_and_the_surer_name_first() -> None:
    inner = module(discriminator=nn.Linear(2, 1))
    gan = module(
        loss=inner, disc=module(discriminator=nn.Linear(2, 1)), generator=nn.Linear(2, 2), decoder=nn.Linear(2, 2)
    )
    assert path_of(gan, find_network(gan, None, "discriminator")) == "disc"
    assert path_of(gan, find_network(gan, None, "generator")) == "generator"


def attention() -> nn.Module:
    return module(f=nn.Linear(2, 2), g=nn.Linear(2, 2), h=nn.Linear(2, 2), d1=nn.Linear(2, 2))


def test_small_layers_with_short_names_are_no_players() -> None:
    gan = module(net_d=nn.Sequential(nn.Linear(2, 2), attention()), image_generator=nn.Linear(2, 2))
    assert path_of(gan, find_network(gan, None, "generator")) == "image_generator"
    unet = module(unet=nn.Sequential(nn.Linear(2, 2), attention()), patch_discriminator=nn.Linear(2, 1))
    assert path_of(unet, find_network(unet, None, "discriminator")) == "patch_discriminator"
    with pytest.raises(ValueError, match="no network with the name of a generator"):
        find_network(unet, None, "generator")


def test_no_player_is_within_the_other() -> None:
    gan = module(discriminator=module(encoder=nn.Linear(2, 2), decoder=nn.Linear(2, 2)), unet=nn.Linear(2, 2))
    with pytest.raises(ValueError, match="no network with the name of a generator"):
        find_network(gan, None, "generator")


def test_a_list_of_networks_is_not_called() -> None:
    gan = module(discriminator=nn.ModuleList([nn.Linear(2, 1), nn.Linear(2, 1)]))
    with pytest.raises(ValueError, match=r"ModuleList of 2 networks .* discriminator='discriminator\.0'"):
        find_called(gan, None, "discriminator")
    assert find_called(gan, "discriminator.1", "discriminator") is gan.discriminator[1]


def test_what_is_not_clear_is_asked_for() -> None:
    gan = module(netD_A=nn.Linear(2, 1), netD_B=nn.Linear(2, 1), unet=nn.Linear(2, 2), empty=nn.ReLU())
    with pytest.raises(ValueError, match=r"several .* discriminator: netD_A, netD_B; .*discriminator='netD_A'"):
        find_network(gan, None, "discriminator")
    with pytest.raises(ValueError, match=r"no network with the name of a generator; it has netD_A, netD_B, unet; say"):
        find_network(gan, None, "generator")
    with pytest.raises(ValueError, match="has no network 'netD_C', set as discriminator; it has netD_A, netD_B, unet"):
        find_network(gan, "netD_C", "discriminator")


def test_an_optimizer_is_known_by_its_parameters() -> None:
    a, b = nn.Linear(2, 2), nn.Linear(2, 2)
    optimizer = torch.optim.SGD([{"params": [a.bias]}, {"params": [a.weight]}], lr=1.0)
    assert owns(optimizer, a)
    assert owns(optimizer, nn.Sequential(a, b))
    assert not owns(optimizer, b)


def test_logits_are_found_in_outputs() -> None:
    logits = torch.zeros(4)
    for output in (logits, (logits, "features"), {"logits": logits, "features": 1}, {"out": logits}, [logits]):
        assert logits_of(output) is logits
    for output in ([logits, logits], {"a": logits, "b": logits}, None, ("features", logits), ()):
        with pytest.raises(TypeError, match="cannot tell the logits"):
            logits_of(output)
    with pytest.raises(TypeError, match=r"a tuple of list: .* such as discriminator='mpd\.discriminators\.0'"):
        logits_of(([logits], [logits]))
