"""Top-k training: the generator learns from its best samples only.

Paper: Sinha, Zhao, Goyal, Raffel, Odena 2020, "Top-k training of GANs: improving GAN performance by throwing away bad
    samples", section 3, https://arxiv.org/abs/2002.06224
Differs: the share is no schedule of its own; ``AnnealAttribute`` lowers it while training.
"""

from typing import Any

from gan_lightning.distributed import gather_over_ranks
from gan_lightning.gan import GAN
from gan_lightning.step import Step, Terms


class TopK(GAN):
    """Compute the generator's loss on the ``topk_share`` of the generated samples that D takes for the most real.

    The gradient of a bad sample often points away from the data: to a mode that no sample can reach, or to nowhere. At
    the start all samples are bad, so begin with all of them and lower the share, as the paper does by 1 % per epoch:
    ``AnnealAttribute("topk_share", 1.0, 0.5, over=..., shape="exponential")``. The best are chosen among all ranks.

    Hooks: ``g_terms`` replaces ``adv``. Neutral: ``topk_share=1``. Cost: next to nothing; with several ranks, one
    all-gather of the logits.

    Args:
        topk_share: share of the generated samples that count, in (0, 1]; the paper goes down to 0.5, or to 0.75 on 2-D
            mixtures. At least one sample counts. With ``micro_batches_g`` it is a share of each part.

    Raises:
        ValueError: if ``topk_share`` is out of range, or the loss is relativistic, where samples count in pairs.

    Example:
        >>> from gan_lightning.networks import MLPDiscriminator, MLPGenerator
        >>> TopK(MLPGenerator(8, shape=(2,)), MLPDiscriminator(shape=(2,)), latent_dim=8, topk_share=0.75).topk_share
        0.75
    """

    def __init__(self, *args: Any, topk_share: float = 0.5, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not 0 < topk_share <= 1:
            raise ValueError(f"expected topk_share in (0, 1], got {topk_share}")
        if self.loss.relativistic:
            raise ValueError(
                f"TopK leaves out generated samples, but {type(self.loss).__name__} compares them with the real ones: "
                "use a loss that is not relativistic"
            )
        self.topk_share = topk_share

    def g_terms(self, step: Step) -> Terms:
        terms = super().g_terms(step)
        if self.topk_share < 1:
            logits = gather_over_ranks(step.on_fake.logits)
            best = logits.topk(max(1, round(self.topk_share * len(logits))), sorted=False).values
            terms.replace("adv", self.loss.g_loss(best))
        return terms
