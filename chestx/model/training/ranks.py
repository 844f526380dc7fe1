"""Several processes, several nodes: which of them speaks and writes for the run."""

import os

from torch.distributed import DistError

_RANKS = ("RANK", "NODE_RANK", "GROUP_RANK", "LOCAL_RANK", "SLURM_PROCID", "JSM_NAMESPACE_RANK")
"""As torchrun, Lightning, SLURM and LSF say them; all are 0 or missing in the main process."""


def is_main() -> bool:
    """Tell whether this process is the first of all, before any of them knows of the others."""
    return not any(int(os.environ.get(name) or 0) for name in _RANKS)


def has_lost_another(error: RuntimeError) -> bool:
    """Tell whether a process fails since it waits for one that is gone."""
    return isinstance(error, DistError) or "gloo" in str(error)  # which has no type of its own
