"""`bare_loop.py CONFIG STEPS`: the network of a configuration, trained by PyTorch alone."""

import sys
from pathlib import Path

import torch

from chestx.model.batch import Batch
from chestx.model.methods.registry import make_method
from chestx.model.training.config import TrainConfig, make_config
from chestx.model.training.films import check_films

BATCHES = 8
"""So many lie in memory and are taken in turn."""


def main(config: TrainConfig, steps: int) -> None:
    """Take the steps."""
    torch.manual_seed(config.seed)
    classes = check_films(config).classes
    method = make_method(config.method, classes, **config.method_options()).train()
    optimizer = torch.optim.Adam(
        [{"params": list(group)} for _, group in method.parameter_groups()],
        lr=config.lr,
        weight_decay=config.weight_decay,
    )
    batches = [batch(config, len(classes)) for _ in range(BATCHES)]
    for step in range(steps):
        one = batches[step % BATCHES]
        loss = method.loss(method(one.image), one)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def batch(config: TrainConfig, classes: int) -> Batch:
    """Return films and labels at random, and a box in each film."""
    films, side = config.batch_size, config.patches
    targets = torch.randint(0, 2, (films, classes)).float()
    targets[:, 0] = 1
    has_box = torch.zeros(films, classes, dtype=torch.bool)
    has_box[:, 0] = True
    inside = torch.zeros(films, classes, side, side, dtype=torch.bool)
    inside[:, 0, :4, :4] = True
    positives = float(targets.sum())
    return Batch(
        torch.randint(0, 256, (films, 1, config.size, config.size), dtype=torch.uint8),
        targets,
        inside,
        has_box,
        torch.arange(films),
        torch.tensor([films, positives, targets.numel() - positives]),
    )


if __name__ == "__main__":
    main(make_config(None, Path(sys.argv[1]), {}), int(sys.argv[2]))
