"""The faults of the held-out half alone."""

from events import BlankSamples, FewClasses, ScaledRate, StarvedGenerator
from failures import HOPS, NO_GRADIENT, REPEATED
from recipes import LATER, Condition

UNSEEN_FAULTS = {
    "raw_bytes": Condition(
        "images in 0..255",
        ("discriminator_dominates", "dead_start", "vanishing_gradient", "mode_collapse", "divergence"),
        "tanh cannot reach the data: D wins at once and G never starts",
        scale=127.5,
    ),
    "starved_g_later": Condition(
        "no gradient for G later",
        ("vanishing_gradient", "stagnation"),
        NO_GRADIENT,
        broken=True,
        at=LATER,
        events=lambda _: [StarvedGenerator(LATER)],
    ),
    "frozen_d": Condition(
        "D frozen",
        ("stagnation", "generator_dominates", "mode_collapse", "oscillation", "dead_start"),
        "D stands still, and G runs to where it is fooled",
        broken=True,
        events=lambda _: [ScaledRate("d", 0)],
    ),
    "both_lr_x20": Condition(
        "both rates x 20",
        ("mode_collapse", "oscillation", "dead_start", "divergence", "discriminator_dominates"),
        HOPS,
        events=lambda _: [ScaledRate("d", 20), ScaledRate("g", 20)],
    ),
    "blank_samples": Condition(
        "blank samples later",
        ("degenerate_data", "mode_collapse"),
        REPEATED,
        broken=True,
        at=LATER,
        events=lambda _: [BlankSamples(LATER)],
    ),
    "few_classes": Condition(
        "an unshuffled loader later: two classes only",
        ("mode_collapse", "degenerate_data", "class_collapse"),
        "G follows the data to two classes",
        at=LATER,
        labels=True,
        events=lambda _: [FewClasses(LATER)],
    ),
    "lr_d_x100_later": Condition(
        "D's rate x 100 later",
        ("divergence", "discriminator_dominates", "mode_collapse", "oscillation", "vanishing_gradient"),
        "D explodes, and with it goes all that G gets from it",
        at=LATER,
        events=lambda _: [ScaledRate("d", 100, LATER)],
    ),
    "swapped": Condition(
        "wrong sign in G's loss",
        ("dead_start", "discriminator_dominates", "mode_collapse", "divergence", "vanishing_gradient"),
        "G runs away from the data, and D has won",
        module="SwappedGAN",
    ),
    "heaping": Condition(
        "G's gradients never cleared",
        ("mode_collapse", "oscillation", "dead_start", "discriminator_dominates", "divergence"),
        HOPS,
        module="HeapingGAN",
    ),
}
