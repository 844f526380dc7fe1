"""`mine-labels` that forgets each sentence at once: WORKERS OUT ARCHIVE."""

import sys
from pathlib import Path

from chestx.labeler.batch.mine import mine_labels

if __name__ == "__main__":
    workers, out, archive = sys.argv[1:]
    mine_labels([archive], Path(out), workers=int(workers), quiet=True, memory=0)
