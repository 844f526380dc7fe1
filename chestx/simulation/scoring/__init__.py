"""How much of the truth of simulated studies chestx has found."""
