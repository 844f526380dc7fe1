"""What every long command needs: an output folder, resuming, worker processes, progress."""
