"""Pure functions, tensors in and tensors out: the maths of the techniques, for any training loop."""

from gan_lightning.functional.bins import bin_shares, different_bins, missing_share, share_distance
from gan_lightning.functional.class_losses import code_loss, labelled_cross_entropy
from gan_lightning.functional.coverage import coverage
from gan_lightning.functional.effective_rank import effective_rank
from gan_lightning.functional.finite_differences import finite_difference_penalty
from gan_lightning.functional.gap_aware import gap_aware_factor
from gan_lightning.functional.history import add_to_history_, history_penalty
from gan_lightning.functional.inception_score import inception_score, score_of_sums
from gan_lightning.functional.lecam import lecam_penalty
from gan_lightning.functional.matching import (
    MATCHINGS,
    match_mean_l1,
    match_mean_l2,
    match_mmd,
    match_moments,
)
from gan_lightning.functional.mode_coverage import (
    ModeShares,
    mode_shares,
    mode_total_variation,
    modes_covered,
    reverse_kl,
)
from gan_lightning.functional.mode_seeking import mode_seeking_ratio
from gan_lightning.functional.multinomial_floors import deviation_floor, kl_floor, modes_floor
from gan_lightning.functional.orthogonality import filters_of, off_diagonal_gram
from gan_lightning.functional.pack import packed
from gan_lightning.functional.pairwise import distances, duplicate_share, pair_distance
from gan_lightning.functional.path_length import path_lengths
from gan_lightning.functional.penalties import gradient_norm_penalty, input_gradient, input_gradient_penalty
from gan_lightning.functional.penalty_points import points_around, points_between
from gan_lightning.functional.prdc import PRDCScores, prdc
from gan_lightning.functional.scores import discriminator_score, generator_score, rank_accuracy
from gan_lightning.functional.swap import swapped
from gan_lightning.functional.unroll import LookAhead, adam_step, sgd_step
from gan_lightning.functional.vendi import vendi_score

__all__ = [
    "MATCHINGS",
    "LookAhead",
    "ModeShares",
    "PRDCScores",
    "adam_step",
    "add_to_history_",
    "bin_shares",
    "code_loss",
    "coverage",
    "deviation_floor",
    "different_bins",
    "discriminator_score",
    "distances",
    "duplicate_share",
    "effective_rank",
    "filters_of",
    "finite_difference_penalty",
    "gap_aware_factor",
    "generator_score",
    "gradient_norm_penalty",
    "history_penalty",
    "inception_score",
    "input_gradient",
    "input_gradient_penalty",
    "kl_floor",
    "labelled_cross_entropy",
    "lecam_penalty",
    "match_mean_l1",
    "match_mean_l2",
    "match_mmd",
    "match_moments",
    "missing_share",
    "mode_seeking_ratio",
    "mode_shares",
    "mode_total_variation",
    "modes_covered",
    "modes_floor",
    "off_diagonal_gram",
    "packed",
    "pair_distance",
    "path_lengths",
    "points_around",
    "points_between",
    "prdc",
    "rank_accuracy",
    "reverse_kl",
    "score_of_sums",
    "sgd_step",
    "share_distance",
    "swapped",
    "vendi_score",
]
