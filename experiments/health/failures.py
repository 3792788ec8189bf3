"""The faults of both halves, each for a known reason. One that does no harm counts as a healthy run."""

from events import (
    OneLabel,
    OneSample,
    PixelNaN,
    ScaledRate,
    SqueezedLatents,
    StarvedGenerator,
    StuckLoader,
)
from recipes import LATER, Condition

NOT_LEARNED = "a run that never learned may be said to have lost its modes, or never to have started"
HOPS = "a generator that jumps between modes covers few at any time; D then tells all its samples"
NO_GRADIENT = "what reaches G, that it does not move, and that it never began are one finding"
REPEATED = "reals that repeat are the data's fault; that G's samples follow them, or that D learns them by heart, is so"

FAULTS = {
    "lr_d_x10": Condition(
        "D's rate x 10",
        ("discriminator_dominates", "mode_collapse", "oscillation", "dead_start", "divergence"),
        HOPS,
        events=lambda _: [ScaledRate("d", 10)],
    ),
    "lr_d_x20": Condition(
        "D's rate x 20",
        ("discriminator_dominates", "mode_collapse", "oscillation", "dead_start", "divergence"),
        HOPS,
        events=lambda _: [ScaledRate("d", 20)],
    ),
    "lr_d_x100": Condition(
        "D's rate x 100",
        ("divergence", "discriminator_dominates", "mode_collapse", "oscillation", "dead_start", "vanishing_gradient"),
        "D explodes, and with it goes all that G gets from it",
        events=lambda _: [ScaledRate("d", 100)],
    ),
    "lr_g_x10": Condition(
        "G's rate x 10",
        ("mode_collapse", "oscillation", "dead_start", "discriminator_dominates"),
        HOPS,
        events=lambda _: [ScaledRate("g", 10)],
    ),
    "lr_g_x20": Condition(
        "G's rate x 20",
        ("mode_collapse", "oscillation", "dead_start", "discriminator_dominates"),
        HOPS,
        events=lambda _: [ScaledRate("g", 20)],
    ),
    "lr_g_x50": Condition(
        "G's rate x 50",
        ("mode_collapse", "oscillation", "dead_start", "discriminator_dominates"),
        HOPS,
        events=lambda _: [ScaledRate("g", 50)],
        generator={"norm": "none"},
    ),
    "lr_g_x20_later": Condition(
        "G's rate x 20 later",
        ("mode_collapse", "oscillation", "dead_start", "discriminator_dominates"),
        HOPS,
        at=LATER,
        events=lambda _: [ScaledRate("g", 20, LATER)],
    ),
    "latent_1": Condition("latent of 1", ("mode_collapse", "dead_start"), NOT_LEARNED, latent_dim=1),
    "mixed_batch_norm": Condition(
        "batch norm in D over a mixed batch",
        ("discriminator_dominates", "mode_collapse", "dead_start", "oscillation", "vanishing_gradient"),
        "each pass of D tells which half is which: it wins, and G never learns",
        discriminator={"norm": "batch"},
        gan={"joint_pass": True},
        module="MixedBatchGAN",
    ),
    "weak_d": Condition(
        "D of 8 units",
        ("mode_collapse", "oscillation", "generator_dominates", "dead_start"),
        "G runs ahead of a D that cannot tell, from mode to mode",
        discriminator={"width": 8},
    ),
    "weak_d_conv": Condition(
        "D of 1 channel",
        ("mode_collapse", "oscillation", "generator_dominates", "dead_start"),
        "G runs ahead of a D that cannot tell, from mode to mode",
        discriminator={"width": 1},
    ),
    "wgan_free": Condition(
        "WGAN without a penalty",
        ("mode_collapse", "oscillation", "divergence", "dead_start", "discriminator_dominates"),
        "the critic's slope grows without bound and G is thrown about",
        loss="wgan",
    ),
    "squeezed": Condition(
        "latents squeezed later",
        ("mode_collapse", "oscillation", "discriminator_dominates", "dead_start"),
        f"{HOPS} What has not learned yet when it strikes never does.",
        at=LATER,
        events=lambda _: [SqueezedLatents(LATER)],
        generator={"norm": "none"},  # batch norm would undo the squeeze
    ),
    "tiny_32": Condition(
        "32 samples", ("degenerate_data", "discriminator_overfitting"), REPEATED, broken=True, num_samples=32
    ),
    "tiny_64": Condition(
        "64 samples", ("degenerate_data", "discriminator_overfitting"), REPEATED, broken=True, num_samples=64
    ),
    "nan": Condition("NaN in one number", ("divergence",), broken=True, at=LATER, events=lambda _: [PixelNaN(LATER)]),
    "one_label": Condition(
        "all labels equal",
        ("degenerate_data", "class_collapse"),
        "with one label there is one class to G",
        broken=True,
        labels=True,
        events=lambda _: [OneLabel()],
    ),
    "stuck_loader": Condition(
        "the same batch for ever",
        ("degenerate_data", "mode_collapse", "discriminator_overfitting"),
        REPEATED,
        broken=True,
        at=LATER,
        events=lambda _: [StuckLoader(LATER)],
    ),
    "one_sample": Condition(
        "one sample for ever",
        ("degenerate_data", "mode_collapse", "discriminator_overfitting"),
        REPEATED,
        broken=True,
        at=LATER,
        events=lambda _: [OneSample(LATER)],
    ),
    "frozen_g": Condition(
        "G frozen",
        ("stagnation", "dead_start", "vanishing_gradient"),
        NO_GRADIENT,
        broken=True,
        events=lambda _: [ScaledRate("g", 0)],
    ),
    "frozen_g_later": Condition(
        "G frozen later",
        ("stagnation", "vanishing_gradient"),
        NO_GRADIENT,
        broken=True,
        at=LATER,
        events=lambda _: [ScaledRate("g", 0, LATER)],
    ),
    "starved_g": Condition(
        "no gradient for G",
        ("vanishing_gradient", "stagnation", "dead_start"),
        NO_GRADIENT,
        broken=True,
        events=lambda _: [StarvedGenerator()],
    ),
    "minimax": Condition(
        "minimax loss, D's rate x 10",
        ("vanishing_gradient", "discriminator_dominates", "dead_start", "stagnation", "mode_collapse"),
        "a sure D starves G under this loss",
        loss="minimax",
        events=lambda _: [ScaledRate("d", 10)],
    ),
    "detached": Condition(
        "G's samples detached",
        ("stagnation", "dead_start", "vanishing_gradient"),
        NO_GRADIENT,
        broken=True,
        module="DetachedGAN",
    ),
}
