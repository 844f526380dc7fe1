"""`load_batches.py CONFIG RUN OUT`: seconds for each batch from the cache of a run, as JSON."""

import json
import sys
import time
from pathlib import Path

from chestx.model.data.films import FilmData, film_loader
from chestx.model.data.order import Batches
from chestx.model.training.config import TrainConfig, make_config
from chestx.model.training.films import check_films


def main(config: TrainConfig, run: Path) -> list[float]:
    """Draw the batches of two epochs; the second counts, when the cache is in memory."""
    films = check_films(config)
    cache = films.open_cache(config.size, run, quiet=True)
    data = FilmData(films.dataset, cache, films.checked, films.train, patches=config.patches)
    batches = Batches(len(films.train), config.batch_size)
    seconds: list[float] = []
    for epoch in range(2):
        batches.begin(epoch)
        seconds.clear()
        loader = iter(film_loader(data, batches))
        for _ in range(len(batches)):
            started = time.perf_counter()
            next(loader)
            seconds.append(time.perf_counter() - started)
    return seconds


if __name__ == "__main__":
    found = main(make_config(None, Path(sys.argv[1]), {}), Path(sys.argv[2]))
    Path(sys.argv[3]).write_text(json.dumps(found))
