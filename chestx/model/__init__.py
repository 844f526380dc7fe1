"""The two papers' models: training, evaluation, prediction."""
